#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/file_name.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/pipeline/published_input.hpp"
#include "mudra/sim/diagnosis.hpp"
#include "mudra/sim/simulator.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ReplayOptions {
  std::string runs, models, images;
  bool json = false;
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
  const auto input = pipeline::published_input(images / *run.image, graph);
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

struct ModelFindings {
  std::string model;
  std::vector<sim::Finding> findings;
};

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

struct Totals {
  int identified = 0, equal_runs = 0, percentages = 0, equal_percentages = 0;
};

Totals totals_of(const std::vector<Replayed>& runs) {
  Totals totals;
  for (const Replayed& replayed : runs) {
    if (!replayed.run.is_identified()) continue;
    ++totals.identified;
    totals.equal_runs += replayed.is_equal() ? 1 : 0;
    totals.percentages += static_cast<int>(replayed.run.printed.size());
    totals.equal_percentages += replayed.equal;
  }
  return totals;
}

Json json_of(const std::vector<Replayed>& runs, const std::vector<ModelFindings>& models) {
  const auto name_or_null = [](const std::optional<std::string>& name) {
    return name ? Json(*name) : Json();
  };
  Json list = Json::array();
  for (const Replayed& replayed : runs) {
    const bool known = replayed.run.is_identified();
    list.push_back({{"shot", replayed.run.shot},
                    {"image", name_or_null(replayed.run.image)},
                    {"model", name_or_null(replayed.run.model)},
                    {"printed", replayed.run.printed},
                    {"computed", known ? Json(replayed.computed) : Json()},
                    {"equal", known ? Json(replayed.is_equal()) : Json()}});
  }
  Json findings = Json::array();
  for (const auto& [model, list_of_findings] : models)
    for (const sim::Finding& finding : list_of_findings)
      findings.push_back({{"model", model},
                          {"gravity", sim::name_of(finding.gravity)},
                          {"node", finding.node},
                          {"text", finding.text}});
  const Totals totals = totals_of(runs);
  return {{"runs", std::move(list)},
          {"identified_runs", totals.identified},
          {"equal_runs", totals.equal_runs},
          {"percentages", totals.percentages},
          {"equal_percentages", totals.equal_percentages},
          {"findings", std::move(findings)}};
}

constexpr std::size_t kColumn = 8;

std::string row_of(std::string_view name, const std::vector<double>& percentages) {
  std::string row = fmt::format("  {:<9}", name);
  for (const double percentage : percentages) row += fmt::format("{:>{}.2f}", percentage, kColumn);
  return row + "\n";
}

std::string text_of(const Replayed& replayed, const std::vector<std::string>& labels) {
  const RecordedRun& run = replayed.run;
  if (!run.is_identified())
    return fmt::format("{}: its {} not known\n{}\n", run.shot,
                       run.image   ? "model is"
                       : run.model ? "image is"
                                   : "image and model are",
                       row_of("printed", run.printed));
  std::string text = fmt::format("{}: {} on {}\n", run.shot, *run.model, *run.image);
  if (labels.size() == run.printed.size()) {
    text += fmt::format("  {:<9}", "%");
    for (const std::string& label : labels) text += fmt::format("{:>{}}", label, kColumn);
    text += "\n";
  }
  text += row_of("printed", run.printed) + row_of("computed", replayed.computed);
  return text + fmt::format("  {} of {} equal\n\n", replayed.equal, run.printed.size());
}

void print_text(const std::vector<Replayed>& runs, const std::vector<ModelFindings>& models,
                const std::vector<std::string>& labels) {
  for (const Replayed& replayed : runs) print_out(text_of(replayed, labels));
  for (const auto& [model, findings] : models) {
    print_out("{}\n", model);
    for (const sim::Finding& finding : findings)
      print_out("  {}: {}: {}\n", sim::name_of(finding.gravity), finding.node, finding.text);
    print_out("\n");
  }
  const Totals totals = totals_of(runs);
  print_out("{} of {} runs equal, {} of {} percentages", totals.equal_runs, totals.identified,
            totals.equal_percentages, totals.percentages);
  const auto unknown = runs.size() - static_cast<std::size_t>(totals.identified);
  print_out("{}\n",
            unknown > 0 ? fmt::format("; {} runs of unknown image or model not compared", unknown) : "");
}

void run_replay(const ReplayOptions& options) {
  const RecordedRuns recorded = read_runs(options.runs);
  Models models(options.models);
  std::vector<Replayed> runs;
  for (const RecordedRun& run : recorded.runs) runs.push_back(replay(run, options.images, models));
  const auto findings = examine(options.models);
  if (options.json) {
    print_json(json_of(runs, findings));
  } else {
    print_text(runs, findings, recorded.labels);
    flush_stdout();
  }
  const Totals totals = totals_of(runs);
  if (totals.identified == 0) fail("{}: of no run the image and the model are known", options.runs);
  if (totals.equal_runs != totals.identified)
    fail("{} of {} runs differ from what the chip printed", totals.identified - totals.equal_runs,
         totals.identified);
}

}  // namespace

void add_replay(CLI::App& app) {
  const auto options = std::make_shared<ReplayOptions>();
  CLI::App* command = app.add_subcommand(
      "replay", "Compare recorded runs of a real chip with our arithmetic, percentage by percentage");
  command
      ->add_option("RUNS", options->runs,
                   "JSON: {runs: [{shot, image, model, pct}]}, image and model null where unknown")
      ->required();
  command->add_option("--models", options->models, "Folder of the .espdl files; else \"models\" beside RUNS")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command
      ->add_option("--images", options->images,
                   "Folder of the pictures, or of int8 arrays in .hpp files; else \"images\" beside RUNS")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_flag("--json", options->json, "Print one JSON document");
  command->footer(
      "\nFails when a run differs. Also says what is wrong with the models of the folder.\n\nExample:\n"
      "  mudra replay published/hardware-runs.json");
  command->callback([options] {
    const std::filesystem::path folder = std::filesystem::path(options->runs).parent_path();
    if (options->models.empty()) options->models = folder / "models";
    if (options->images.empty()) options->images = folder / "images";
    for (const std::string& needed : {options->models, options->images})
      if (!std::filesystem::is_directory(needed)) fail("{}: No such folder", needed);
    run_replay(*options);
  });
}

}  // namespace mudra::cli
