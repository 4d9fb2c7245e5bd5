#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"
#include "mudra/deploy/board_settings.hpp"
#include "mudra/deploy/firmware_project.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kListBoards = "list";

Json json_of(const deploy::BoardCamera& camera) {
  const deploy::CameraPins& pins = camera.pins;
  Json json = {{"sensor", camera.sensor},
               {"xclk_mhz", camera.xclk_mhz},
               {"vflip", camera.vflip},
               {"mirror", camera.mirror},
               {"rotation", camera.rotation},
               {"pwdn", pins.pwdn},
               {"reset", pins.reset},
               {"xclk", pins.xclk},
               {"sda", pins.sda},
               {"scl", pins.scl},
               {"data", pins.data},
               {"vsync", pins.vsync},
               {"href", pins.href},
               {"pclk", pins.pclk}};
  if (camera.power)
    json["axp2101"] = {{"sda", camera.power->sda},
                       {"scl", camera.power->scl},
                       {"aldo_millivolts", camera.power->aldo_millivolts}};
  return json;
}

Json json_of(const deploy::BoardKind& board) {
  Json json = {{"name", board.name},
               {"description", board.description},
               {"flash_bytes", board.flash_bytes},
               {"psram_bytes", board.psram_bytes},
               {"psram", psram_text(board)},
               {"socket", name_of(board.socket)},
               {"port", board.port()},
               {"camera", nullptr},
               {"led", nullptr},
               {"note", board.note},
               {"sources", Json::array()}};
  if (board.camera) json["camera"] = json_of(*board.camera);
  if (board.led)
    json["led"] = {{"kind", board.led->kind == deploy::BoardLed::Kind::kWs2812 ? "ws2812" : "plain"},
                   {"pin", board.led->pin},
                   {"active_low", board.led->active_low},
                   {"open_drain", board.led->open_drain}};
  for (const std::string_view source : board.sources()) json["sources"].push_back(source);
  return json;
}

Answer list_boards() {
  Answer answer{.text = deploy::text_of_boards(), .json = Json::array()};
  for (const deploy::BoardKind& board : deploy::board_kinds()) answer.json.push_back(json_of(board));
  return answer;
}

Json json_of(const deploy::Deployment& plan) {
  Json partitions = Json::array(), steps = Json::array(), findings = Json::array(), variants = Json::array();
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
  for (const deploy::WeightVariant& variant : plan.variants)
    variants.push_back({{"weights", sim::name_of(variant.weights)},
                        {"arena_bytes", variant.arena_bytes},
                        {"ram_bytes", variant.ram_bytes},
                        {"us", variant.time.estimate},
                        {"us_low", variant.time.low},
                        {"us_high", variant.time.high}});
  return {{"fits", plan.fits()},
          {"arena_bytes", plan.arena.arena_bytes},
          {"ram_bytes", plan.ram_bytes},
          {"uses_psram", plan.uses_psram},
          {"model_bytes", plan.model_bytes},
          {"test_vector_bytes", plan.test_vector_bytes},
          {"packed_bytes", plan.image.size() - plan.model_bytes},
          {"flash_bytes", plan.flash_bytes},
          {"slot_room", plan.slot_room},
          {"board", plan.config.board.name},
          {"engine", deploy::name_of(plan.config.engine)},
          {"weights", sim::name_of(*plan.config.weights)},
          {"weight_variants", std::move(variants)},
          {"partitions", std::move(partitions)},
          {"arena_steps", std::move(steps)},
          {"findings", std::move(findings)},
          {"remarks", plan.remarks},
          {"refusals", plan.refusals}};
}

}  // namespace

void add_options(OptionTable& command, pipeline::DeploySettings& settings) {
  CLI::Option* model = command.add_option("MODEL", settings.model, "An .espdl file")->required();
  CLI::Option* out = command.add_option("--out", settings.out, "The folder to write")->required();
  add_classes_option(command, settings.classes);
  add_normalize_option(command, settings.normalize);
  std::string names;
  for (const deploy::BoardKind& board : deploy::board_kinds())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", board.name);
  command.add_option("--board", settings.board, names + "; or list, which shows them with pins and sources")
      ->capture_default_str()
      ->each([model, out](const std::string& board) {
        model->required(board != kListBoards);
        out->required(board != kListBoards);
      });
  command.add_option("--flash-size", settings.flash_size, "In megabytes; the board's if not given");
  command
      .add_option("--engine", settings.engine,
                  "mudra, without PSRAM; esp-dl, Espressif's; both, to compare them")
      ->capture_default_str();
  command.add_option(
      "--weights", settings.weights,
      "Where mudra's engine reads packed weights: ram, copied when the board starts; flash, through the "
      "cache. Not given: ram where that fits inside of the chip");
  command.add_flag("--replace", settings.replace,
                   "Write a project that mudra wrote anew; what was built or changed in it is lost");
}

Answer run(const pipeline::DeploySettings& settings) {
  if (settings.board == kListBoards) return list_boards();
  const deploy::Deployment plan = pipeline::deploy_model(settings);
  Answer answer{.text = deploy::text_of(plan), .json = json_of(plan)};
  if (plan.fits())
    answer.text += printed("\n{} is a complete ESP-IDF project. Next:\n", settings.out) +
                   deploy::next_commands(settings.out, settings.model, plan.config.board);
  else
    answer.failure = fmt::format("{}: does not fit: {}", settings.model, plan.refusals.front());
  return answer;
}

void add_deploy(CLI::App& app) {
  add_command<pipeline::DeploySettings>(app, "deploy",
                                        "Write an ESP-IDF project with a model in it, if it fits")
      .footer(
          "\nExample:\n  mudra deploy run/best.espdl --out run/firmware --board eye\n  mudra deploy --board "
          "list");
}

}  // namespace mudra::cli
