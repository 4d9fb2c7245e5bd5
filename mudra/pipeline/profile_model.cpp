#include "mudra/pipeline/profile_model.hpp"

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/packed_model.hpp"

namespace mudra::pipeline {
namespace {

sim::ProfileChoice choice_of(const ProfileSettings& settings) {
  sim::ProfileChoice choice{
      .kernels = sim::kernel_set_named(settings.kernels), .weights = {}, .megahertz = settings.frequency};
  const bool portable = choice.kernels == sim::KernelSet::kPortable;
  choice.weights = portable ? device::PackedWeights::kInPlace : device::PackedWeights::kInArena;
  if (settings.weights.empty()) return choice;
  choice.weights = sim::packed_weights_named(settings.weights);
  if (portable && choice.weights == device::PackedWeights::kInArena)
    fail("portable kernels use the weights where they lie in flash; leave out --weights ram");
  return choice;
}

}  // namespace

sim::Profile profile_model(const ProfileSettings& settings) {
  const sim::ProfileChoice choice = choice_of(settings);
  const auto file = read_file(settings.model);
  return with_context(settings.model, [&] { return sim::profile(sim::model_in(file), choice); });
}

ChipCost chip_cost(const ProfileSettings& settings) {
  ChipCost cost{.profile = profile_model(settings), .memory = {}, .boards = {}};
  const deploy::DeployModel model = deploy::load_deploy_model(settings.model);
  const sim::ProfileChoice& choice = cost.profile.choice;
  if (choice.kernels == sim::KernelSet::kS3)
    cost.memory = deploy::plan_arena(sim::with_packed_weights(model.bytes), model.file.graph, choice.weights);
  for (const deploy::BoardKind& board : deploy::board_kinds()) {
    deploy::DeployConfig config;
    config.board = board;
    try {
      cost.boards.push_back(deploy::plan_deployment(model, config));
    } catch (const Error& error) {
      cost.boards.emplace_back().config = config;
      cost.boards.back().refusals.push_back(error.text);
    }
  }
  return cost;
}

std::optional<report::ChipTime> chip_time(const std::filesystem::path& path) {
  if (path.extension() != ".espdl") return std::nullopt;
  const sim::Time time = profile_model({.model = path.string()}).time;
  return report::ChipTime{time.estimate, time.low, time.high};
}

}  // namespace mudra::pipeline
