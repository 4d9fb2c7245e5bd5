#include "mudra/pipeline/replay_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/file_name.hpp"
#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/pipeline/published_input.hpp"
#include "mudra/sim/simulator.hpp"

namespace mudra::pipeline {
namespace {

using Json = nlohmann::ordered_json;

struct RecordedRuns {
  std::vector<std::string> labels;  // by class; may be empty
  std::vector<RecordedRun> runs;
};

std::optional<std::string> file_name(const Json& run, const char* field) {
  const Json& value = run.at(field);
  if (value.is_null()) return std::nullopt;
  return safe_file_name(value.get<std::string>(), field);
}

RecordedRuns read_runs(const std::string& path) {
  const std::string text = read_text(path);
  return with_context(path, [&] {
    try {
      const Json document = Json::parse(text);
      RecordedRuns recorded;
      if (document.contains("labels"))
        recorded.labels = document.at("labels").get<std::vector<std::string>>();
      for (const Json& run : document.at("runs"))
        recorded.runs.push_back({.shot = run.value("shot", ""),
                                 .image = file_name(run, "image"),
                                 .model = file_name(run, "model"),
                                 .printed = run.at("pct").get<std::vector<double>>()});
      if (recorded.runs.empty()) fail("it holds no runs");
      return recorded;
    } catch (const Json::exception& error) {
      fail("is not a list of recorded runs ({})", error.what());
    }
  });
}

// What the published program prints: softmax in float, two decimals.
std::vector<double> printed_percentages(const graph::Values& scores, int exponent) {
  std::vector<float> values;
  std::visit(
      [&](const auto& integers) {
        for (const auto integer : integers)
          values.push_back(std::ldexp(static_cast<float>(integer), exponent));
      },
      scores);
  const float most = *std::ranges::max_element(values);
  float sum = 0;
  for (float& value : values) sum += value = std::exp(value - most);
  std::vector<double> percentages;
  for (const float value : values)
    percentages.push_back(std::stod(fmt::format("{:.2f}", value / sum * 100.0f)));
  return percentages;
}

// The models of a folder, each read once.
class Models {
 public:
  explicit Models(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const sim::Simulator& get(const std::string& name) {
    auto& simulator = simulators_[name];
    if (!simulator) {
      const auto path = folder_ / name;
      const auto file = format::load_espdl(path);
      with_context(path.string(), [&] { simulator = std::make_unique<sim::Simulator>(file.graph); });
    }
    return *simulator;
  }

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::unique_ptr<sim::Simulator>> simulators_;
};

Replayed replay(const RecordedRun& run, const std::filesystem::path& images, Models& models) {
  Replayed replayed{.run = run, .computed = {}};
  if (!run.is_identified()) return replayed;
  const sim::Simulator& simulator = models.get(*run.model);
  const graph::Graph& graph = simulator.graph();
  const auto input = published_input(images / *run.image, graph);
  const auto scores = simulator.run(input)[static_cast<std::size_t>(graph.output)];
  replayed.computed = printed_percentages(scores, *graph.tensor(graph.output).exponent);
  if (replayed.computed.size() != run.printed.size())
    fail("{}: '{}' has {} percentages, the model gives {}", *run.model, run.shot, run.printed.size(),
         replayed.computed.size());
  constexpr double kHalfOfLastDigit = 0.005;
  for (std::size_t c = 0; c < run.printed.size(); ++c)
    replayed.equal += std::abs(run.printed[c] - replayed.computed[c]) < kHalfOfLastDigit ? 1 : 0;
  return replayed;
}

// What is wrong with the folder's models, also with those no run used; sound ones are left out.
std::vector<ModelFindings> examine(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".espdl") paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<ModelFindings> all;
  for (const auto& path : paths) {
    auto findings = sim::diagnose(format::load_espdl(path).graph);
    if (!findings.empty()) all.push_back({path.filename().string(), std::move(findings)});
  }
  return all;
}

}  // namespace

ReplayedRuns replay_runs(const ReplaySettings& settings) {
  const std::filesystem::path beside = std::filesystem::path(settings.runs).parent_path();
  const auto models = settings.models.empty() ? beside / "models" : std::filesystem::path(settings.models);
  const auto images = settings.images.empty() ? beside / "images" : std::filesystem::path(settings.images);
  for (const auto& needed : {models, images})
    if (!std::filesystem::is_directory(needed)) fail("{}: No such folder", needed.string());
  RecordedRuns recorded = read_runs(settings.runs);
  Models loaded(models);
  ReplayedRuns replayed{.labels = std::move(recorded.labels), .runs = {}, .findings = {}};
  for (const RecordedRun& run : recorded.runs) replayed.runs.push_back(replay(run, images, loaded));
  replayed.findings = examine(models);
  return replayed;
}

}  // namespace mudra::pipeline
