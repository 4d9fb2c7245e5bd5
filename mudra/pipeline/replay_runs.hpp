// Recorded runs of a real chip, computed again with our arithmetic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mudra/sim/diagnosis.hpp"

namespace mudra::pipeline {

struct ReplaySettings {
  std::string runs;                // JSON: {runs: [{shot, image, model, pct}]}
  std::string models{}, images{};  // folders; empty: "models" and "images" beside the runs
};

// One inference of a real chip, as its console showed it.
struct RecordedRun {
  std::string shot;                         // what the recording is called
  std::optional<std::string> image, model;  // file names, where they are known
  std::vector<double> printed;              // percentages with two decimals, by class

  bool is_identified() const { return image.has_value() && model.has_value(); }
};

struct Replayed {
  RecordedRun run;
  std::vector<double> computed;  // as printed; empty when the run is not identified
  int equal = 0;                 // percentages

  bool is_equal() const { return run.is_identified() && equal == static_cast<int>(run.printed.size()); }
};

// What is wrong with a model of the folder.
struct ModelFindings {
  std::string model;
  std::vector<sim::Finding> findings;
};

struct ReplayedRuns {
  std::vector<std::string> labels;  // by class; may be empty
  std::vector<Replayed> runs;
  std::vector<ModelFindings> findings;  // also of models no run used; sound ones are left out
};

// Throws Error for files that are not there or are damaged, not for runs that differ.
ReplayedRuns replay_runs(const ReplaySettings& settings);

}  // namespace mudra::pipeline
