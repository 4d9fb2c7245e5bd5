#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/json_output.hpp"
#include "mudra/cli/option_table.hpp"
#include "mudra/deploy/deployment.hpp"
#include "mudra/deploy/firmware_project.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/pipeline/model.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DeployOptions {
  std::string model, out, classes;
  std::string board = "generic", engine = "mudra", flash_size;
  bool replace = false, json = false;
};

Json json_of(const deploy::Deployment& plan) {
  Json partitions = Json::array(), steps = Json::array(), findings = Json::array();
  for (const deploy::Partition& partition : plan.partitions)
    partitions.push_back(
        {{"name", partition.name}, {"offset", partition.offset}, {"bytes", partition.bytes}});
  for (const deploy::ArenaStep& step : plan.arena.steps)
    steps.push_back({{"makes", step.makes},
                     {"bytes", step.bytes},
                     {"operations", step.operations},
                     {"multiply_adds", step.multiply_adds}});
  for (const sim::Finding& finding : plan.findings)
    findings.push_back(
        {{"gravity", sim::name_of(finding.gravity)}, {"node", finding.node}, {"text", finding.text}});
  return {{"fits", plan.fits()},
          {"arena_bytes", plan.arena.arena_bytes},
          {"ram_bytes", plan.ram_bytes},
          {"uses_psram", plan.uses_psram},
          {"model_bytes", plan.model_bytes},
          {"test_vector_bytes", plan.test_vector_bytes},
          {"flash_bytes", plan.flash_bytes},
          {"board", plan.config.board.name},
          {"engine", deploy::name_of(plan.config.engine)},
          {"partitions", std::move(partitions)},
          {"arena_steps", std::move(steps)},
          {"findings", std::move(findings)},
          {"remarks", plan.remarks},
          {"refusals", plan.refusals}};
}

// Writes the names that were given into a model that has none.
void give_class_names(deploy::DeployModel& model, const std::vector<std::string>& names) {
  if (names.empty() || names == model.file.graph.class_names) return;
  graph::Graph& graph = model.file.graph;
  if (!graph.class_names.empty()) fail("it names its classes itself, otherwise; leave --classes out");
  with_context("--classes", [&] {
    format::check_class_names(names, graph::element_count(graph.tensor(graph.output).shape));
  });
  graph.class_names = names;
  model.bytes = format::write_espdl(model.file);
}

void run_deploy(const DeployOptions& options) {
  const deploy::DeployConfig config{
      .board = deploy::board_named(options.board),
      .flash_bytes = options.flash_size.empty() ? 0 : deploy::flash_bytes_named(options.flash_size),
      .engine = deploy::engine_named(options.engine)};
  deploy::DeployModel model = deploy::load_deploy_model(options.model);
  with_context(options.model, [&] { give_class_names(model, pipeline::listed_names(options.classes)); });
  const deploy::Deployment plan =
      with_context(options.model, [&] { return deploy::plan_deployment(model, config); });
  if (plan.fits())
    deploy::write_project(options.out, deploy::firmware_project(model, plan),
                          options.replace ? deploy::Existing::kReplace : deploy::Existing::kRefuse);
  if (options.json)
    print_json(json_of(plan));
  else
    print_out(deploy::text_of(plan));
  flush_stdout();
  if (!plan.fits()) fail("{}: does not fit: {}", options.model, plan.refusals.front());
  if (options.json) return;
  print_out("\n{} is a complete ESP-IDF project. Next:\n", options.out);
  print_out(deploy::next_commands(options.out, options.model, config.board));
}

}  // namespace

void add_deploy(CLI::App& app) {
  const auto options = std::make_shared<DeployOptions>();
  CLI::App* command = app.add_subcommand("deploy", "Write an ESP-IDF project with a model in it, if it fits");
  command->add_option("MODEL", options->model, "An .espdl file")->required();
  command->add_option("--out", options->out, "The folder to write")->required();
  add_classes_option(*command, options->classes);
  std::string boards;
  for (const deploy::BoardKind& board : deploy::board_kinds())
    boards += fmt::format("{}{} ({})", boards.empty() ? "" : "; ", board.name, board.description);
  command->add_option("--board", options->board, boards)->capture_default_str();
  command->add_option("--flash-size", options->flash_size, "In megabytes; the board's if not given");
  command
      ->add_option("--engine", options->engine,
                   "mudra, without PSRAM; esp-dl, Espressif's; both, to compare them")
      ->capture_default_str();
  command->add_flag("--replace", options->replace,
                    "Write a project that mudra wrote anew; what was built or changed in it is lost");
  command->add_flag("--json", options->json,
                    "Print {fits, arena_bytes, ram_bytes, model_bytes, flash_bytes, partitions, ...}");
  command->footer("\nExample:\n  mudra deploy run/best.espdl --out run/firmware --board eye");
  command->callback([options] { run_deploy(*options); });
}

}  // namespace mudra::cli
