// Training: sets in; a RUN folder with the network, what it was asked for and how it went out.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mudra/pipeline/train_options.hpp"
#include "mudra/report/evaluation.hpp"
#include "mudra/train/loop.hpp"

namespace mudra::pipeline {

struct TrainRequest {
  TrainOptions options;
  std::string hands = {};     // right, left or both: of all rendered hands; "": as each set says
  bool without_none = false;  // of them
  std::string out;            // the RUN folder to write
  int threads = 0;            // 0: one per core; the result does not depend on it
  bool resume = false;        // goes on where an interrupted training stopped, if one did
};

// One network; leave-one-subject-out trains several.
struct TrainedFold {
  std::filesystem::path folder, file;
  train::TrainedNetwork trained;
  report::Evaluation test;  // on the split's test part
};

// Says on stderr how it goes. Throws Error for what cannot be learned from, or not into this folder; when it
// is interrupted, all is saved.
std::vector<TrainedFold> train_network(TrainRequest request);

// The pictures that chose the weights of a RUN. Nothing where the folder is no RUN, or several networks', or
// the sets that it learned from are not there, or others by now, which is said on stderr.
std::optional<data::Dataset> validation_pictures(const std::filesystem::path& run);

}  // namespace mudra::pipeline
