#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "mudra/base/markup.hpp"
#include "mudra/cli/commands.hpp"
#include "mudra/cli/step_commands.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEstimated = "estimated, not measured";

std::string text_of(const sim::Profile& profile) {
  std::size_t node_width = 4, kernel_width = 6;
  double most = 0;
  for (const sim::NodeProfile& node : profile.nodes) {
    node_width = std::max(node_width, node.node.size());
    kernel_width = std::max(kernel_width, node.kernel.size());
    most = std::max(most, node.time.estimate);
  }
  std::string text = printed("{:<{}}  {:<{}}  {:>12}  {:>13}  {:>8}  {:>9}\n", "node", node_width, "kernel",
                             kernel_width, "instructions", "multiply-adds", "for each", "us");
  const auto row = [&](const std::string& name, const std::string& kernel, const auto& of,
                       const std::string& bar) {
    const std::uint64_t instructions = of.instructions();
    text += printed(
        "{:<{}}  {:<{}}  {:>12}  {:>13}  {:>8.1f}  {:>9.1f}  {}\n", name, node_width, kernel, kernel_width,
        grouped(instructions), grouped(of.multiply_adds),
        static_cast<double>(of.multiply_adds) / static_cast<double>(std::max<std::uint64_t>(1, instructions)),
        of.time.estimate, bar);
  };
  for (const sim::NodeProfile& node : profile.nodes)
    row(node.node, node.kernel, node, bar(node.time.estimate, most));
  row("sum", "", profile, "");
  return text;
}

// Of what the vector unit does not compute.
std::string reasons_in(const sim::Profile& profile) {
  std::string text;
  for (const sim::NodeProfile& node : profile.nodes)
    if (!node.why.empty()) text += printed("portable: {} ({}): {}\n", node.node, node.operation, node.why);
  return text;
}

std::string sums_of(const sim::Profile& profile) {
  const auto& [choice, nodes, vector, scalar, multiply_adds, time, half_rate, arena, packed, code] = profile;
  std::string text = fmt::format("{:.2f} ms a picture at {} MHz, {}: {:.2f} to {:.2f}", time.estimate / 1000,
                                 choice.megahertz, kEstimated, time.low / 1000, time.high / 1000);
  if (vector > 0)
    text += fmt::format("; {:.2f} if 8-bit multiply-adds take two cycles, which nobody has published",
                        half_rate / 1000);
  text += fmt::format(
      "\n{} instructions of vector kernels, counted on the virtual chip; {} of C++, reckoned from figures of "
      "an emulated Xtensa\n",
      grouped(vector), grouped(scalar));
  text += fmt::format("RAM: {} bytes of arena", grouped(arena));
  if (code > 0)
    text += fmt::format(", {} of packed weights{}, {} of kernel code", grouped(packed),
                        choice.weights == device::PackedWeights::kInArena ? "" : " in flash instead",
                        grouped(code));
  return text + fmt::format("; {} together\n", grouped(profile.ram_bytes()));
}

Json json_of(const sim::NodeProfile& node) {
  return {{"node", node.node},
          {"operation", node.operation},
          {"kernel", node.kernel},
          {"why", node.why},
          {"instructions", node.instructions()},
          {"vector_instructions", node.vector_instructions},
          {"multiply_adds", node.multiply_adds},
          {"us", node.time.estimate},
          {"us_low", node.time.low},
          {"us_high", node.time.high},
          {"packed_bytes", node.packed_bytes}};
}

Json json_of(const deploy::ArenaPlan& plan) {
  Json steps = Json::array(), blocks = Json::array();
  for (const deploy::ArenaStep& step : plan.steps)
    steps.push_back({{"makes", step.makes}, {"nodes", step.nodes}, {"bytes", step.bytes}});
  for (const deploy::ArenaBlock& block : plan.blocks)
    blocks.push_back({{"kind", deploy::name_of(block.kind)},
                      {"name", block.name},
                      {"offset", block.offset},
                      {"bytes", block.bytes},
                      {"first_step", block.first_step},
                      {"last_step", block.last_step}});
  return {{"bytes", plan.arena_bytes}, {"steps", std::move(steps)}, {"blocks", std::move(blocks)}};
}

Json fit_of(const deploy::Deployment& plan) {
  const deploy::BoardKind& board = plan.config.board;
  return {{"board", board.name},
          {"description", board.description},
          {"fits", plan.fits()},
          {"flash_bytes", plan.flash_bytes},
          {"board_flash_bytes", board.flash_bytes},
          {"ram_bytes", plan.ram_bytes},
          {"board_ram_bytes", deploy::kInternalBytes},
          {"board_psram_bytes", board.psram_bytes},
          {"uses_psram", plan.uses_psram},
          {"weights", plan.config.weights ? Json(sim::name_of(*plan.config.weights)) : Json(nullptr)},
          {"refusals", plan.refusals}};
}

// A line for each board.
std::string text_of(const std::vector<deploy::Deployment>& boards) {
  std::string text = fmt::format("{:<16}  {:>12}  {:>12}  {}\n", "board", "RAM", "flash", "fits");
  for (const deploy::Deployment& plan : boards)
    text += printed("{:<16}  {:>12}  {:>12}  {}\n", plan.config.board.name, grouped(plan.ram_bytes),
                    grouped(plan.flash_bytes),
                    !plan.fits()      ? fmt::format("no: {}", plan.refusals.front())
                    : plan.uses_psram ? "yes, with PSRAM, which is slower"
                                      : "yes");
  return text;
}

Json json_of(const pipeline::ChipCost& cost) {
  const sim::Profile& profile = cost.profile;
  Json nodes = Json::array(), boards = Json::array();
  for (const deploy::Deployment& plan : cost.boards) boards.push_back(fit_of(plan));
  for (const sim::NodeProfile& node : profile.nodes) nodes.push_back(json_of(node));
  return {{"estimated", true},
          {"instructions", profile.instructions()},
          {"vector_instructions", profile.vector_instructions},
          {"multiply_adds", profile.multiply_adds},
          {"us", profile.time.estimate},
          {"us_low", profile.time.low},
          {"us_high", profile.time.high},
          {"us_half_rate", profile.half_rate},
          {"arena_bytes", profile.arena_bytes},
          {"packed_bytes", profile.packed_bytes},
          {"code_bytes", profile.code_bytes},
          {"ram_bytes", profile.ram_bytes()},
          {"kernels", sim::name_of(profile.choice.kernels)},
          {"weights", sim::name_of(profile.choice.weights)},
          {"frequency", profile.choice.megahertz},
          {"nodes", std::move(nodes)},
          {"memory", cost.memory ? json_of(*cost.memory) : Json(nullptr)},
          {"boards", std::move(boards)}};
}

}  // namespace

void add_options(OptionTable& command, pipeline::ProfileSettings& settings) {
  constexpr int kSlowest = 10, kFastest = 240;
  command.add_option("MODEL", settings.model, "An .espdl file")->required();
  command.add_option("--frequency", settings.frequency, "Of the chip, in MHz")
      ->check(CLI::Range(kSlowest, kFastest))
      ->capture_default_str();
  command
      .add_option(
          "--weights", settings.weights,
          "Where packed weights lie: ram, or flash, to be read through the cache; if not given ram, and "
          "flash for portable kernels, which copy none")
      ->check(CLI::IsMember({"ram", "flash"}));
  command.add_option("--kernels", settings.kernels, "s3, for the vector unit, or portable, in C++")
      ->check(CLI::IsMember({"s3", "portable"}))
      ->capture_default_str();
}

Answer run(const pipeline::ProfileSettings& settings) {
  const pipeline::ChipCost cost = pipeline::chip_cost(settings);
  const sim::Profile& profile = cost.profile;
  return {
      .text = text_of(profile) + "\n" + reasons_in(profile) + sums_of(profile) + "\n" + text_of(cost.boards),
      .json = json_of(cost)};
}

void add_profile(CLI::App& app) {
  add_command<pipeline::ProfileSettings>(
      app, "profile", "Estimate what a model costs on the chip, node by node, and which boards it fits")
      .footer("\nExample:\n  mudra profile run/best.espdl");
}

}  // namespace mudra::cli
