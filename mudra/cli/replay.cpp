#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Totals {
  int identified = 0, equal_runs = 0, percentages = 0, equal_percentages = 0;
};

Totals totals_of(const std::vector<pipeline::Replayed>& runs) {
  Totals totals;
  for (const pipeline::Replayed& replayed : runs) {
    if (!replayed.run.is_identified()) continue;
    ++totals.identified;
    totals.equal_runs += replayed.is_equal() ? 1 : 0;
    totals.percentages += static_cast<int>(replayed.run.printed.size());
    totals.equal_percentages += replayed.equal;
  }
  return totals;
}

Json json_of(const std::vector<pipeline::Replayed>& runs,
             const std::vector<pipeline::ModelFindings>& models) {
  const auto name_or_null = [](const std::optional<std::string>& name) {
    return name ? Json(*name) : Json();
  };
  Json list = Json::array();
  for (const pipeline::Replayed& replayed : runs) {
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

std::string text_of(const pipeline::Replayed& replayed, const std::vector<std::string>& labels) {
  const pipeline::RecordedRun& run = replayed.run;
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

std::string text_of(const pipeline::ReplayedRuns& replayed, const Totals& totals) {
  std::string text;
  for (const pipeline::Replayed& run : replayed.runs) text += text_of(run, replayed.labels);
  for (const auto& [model, findings] : replayed.findings) {
    text += printed("{}\n", model);
    for (const sim::Finding& finding : findings)
      text += printed("  {}: {}: {}\n", sim::name_of(finding.gravity), finding.node, finding.text);
    text += "\n";
  }
  text += fmt::format("{} of {} runs equal, {} of {} percentages", totals.equal_runs, totals.identified,
                      totals.equal_percentages, totals.percentages);
  const auto unknown = replayed.runs.size() - static_cast<std::size_t>(totals.identified);
  if (unknown > 0) text += fmt::format("; {} runs of unknown image or model not compared", unknown);
  return text + "\n";
}

}  // namespace

void add_options(OptionTable& command, pipeline::ReplaySettings& settings) {
  command
      .add_option("RUNS", settings.runs,
                  "JSON: {runs: [{shot, image, model, pct}]}, image and model null where unknown")
      ->required();
  command.add_option("--models", settings.models, "Folder of the .espdl files; else \"models\" beside RUNS")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command
      .add_option("--images", settings.images,
                  "Folder of the pictures, or of int8 arrays in .hpp files; else \"images\" beside RUNS")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

Answer run(const pipeline::ReplaySettings& settings) {
  const pipeline::ReplayedRuns replayed = pipeline::replay_runs(settings);
  const Totals totals = totals_of(replayed.runs);
  Answer answer{.text = text_of(replayed, totals), .json = json_of(replayed.runs, replayed.findings)};
  if (totals.identified == 0)
    answer.failure = fmt::format("{}: of no run the image and the model are known", settings.runs);
  else if (totals.equal_runs != totals.identified)
    answer.failure = fmt::format("{} of {} runs differ from what the chip printed",
                                 totals.identified - totals.equal_runs, totals.identified);
  return answer;
}

void add_replay(CLI::App& app) {
  CLI::App& command = add_command<pipeline::ReplaySettings>(
      app, "replay", "Compare recorded runs of a real chip with our arithmetic, percentage by percentage");
  command.footer(
      "\nFails when a run differs. Also says what is wrong with the models of the folder.\n\nExample:\n"
      "  mudra replay published/hardware-runs.json");
}

}  // namespace mudra::cli
