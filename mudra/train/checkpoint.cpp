#include "mudra/train/checkpoint.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/npz.hpp"
#include "mudra/graph/state_dict.hpp"

namespace mudra::train {
namespace {

// Array names: "network/first.0.weight", "best/...", "adam.first_moments", "progress", "history", ...
constexpr const char* kNetworkPrefix = "network/";
constexpr const char* kBestPrefix = "best/";

using Arrays = std::vector<data::NpzArray>;

template <typename T>
void add(Arrays& arrays, const std::string& name, std::vector<T> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  arrays.push_back({name, {count}, std::move(values)});
}

void add_network(Arrays& arrays, const std::string& prefix, const graph::Graph& network) {
  for (graph::NamedTensor& tensor : state_dict(network).tensors)
    std::visit(
        [&](auto& values) {
          arrays.push_back({prefix + tensor.name, tensor.shape, std::move(values)});
        },
        tensor.values);
}

// `network` with the weights that are stored under this prefix.
graph::Graph network_of(const Arrays& arrays, const std::string& prefix, graph::Graph network) {
  graph::StateDict state;
  for (const data::NpzArray& array : arrays) {
    if (!array.name.starts_with(prefix)) continue;
    graph::NamedTensor tensor{array.name.substr(prefix.size()), array.shape, {}};
    if (const auto* floats = std::get_if<std::vector<float>>(&array.values)) tensor.values = *floats;
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values))
      tensor.values = *integers;
    state.tensors.push_back(std::move(tensor));
  }
  put(network, state);
  return network;
}

void require(bool holds, std::string_view what) {
  if (!holds) fail("{} is not that of a training", what);
}

bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

void check(const graph::Graph& network, std::string_view role) {
  for (const graph::NamedTensor& tensor : state_dict(network).tensors)
    if (const auto* values = std::get_if<std::vector<float>>(&tensor.values); values && !all_finite(*values))
      fail("the {} network's '{}' has values that are not finite", role, tensor.name);
}

void check(const AdamState& adam, std::size_t values) {
  require(adam.steps >= 0 && adam.first_moments.size() == values && adam.second_moments.size() == values &&
              all_finite(adam.first_moments) && all_finite(adam.second_moments) &&
              std::ranges::all_of(adam.second_moments, [](float moment) { return moment >= 0; }),
          "the optimizer's state");
}

void check(const WeightAverage& average, std::size_t values) {
  require(average.steps >= 0 && average.values.size() == (average.steps > 0 ? values : 0) &&
              all_finite(average.values),
          "the average");
}

void check(const std::vector<EpochMetrics>& history) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const EpochMetrics& metrics = history[i];
    const auto is_share = [](double value) { return value >= 0 && value <= 1; };
    require(metrics.epoch == static_cast<int>(i) + 1 && metrics.learning_rate >= 0 &&
                metrics.train_loss >= 0 && !(metrics.validation_loss < 0) &&
                is_share(metrics.train_accuracy) && is_share(metrics.validation_accuracy),
            "the history");
  }
}

// Everything but the number of batches of an epoch, which train() knows.
void check(const TrainingState& state, const TrainingConfig& config) {
  const std::size_t values = learnt_values(state.network);
  check(state.network, "current");
  check(state.best, "best");
  check(state.adam, values);
  check(state.average, values);
  check(state.history);
  require(
      state.epoch >= 0 && state.epoch <= config.epochs && std::cmp_equal(state.history.size(), state.epoch),
      "the epoch");
  const std::int64_t most_batches = std::numeric_limits<std::int64_t>::max() / config.batch;
  require(state.batches >= 0 && state.batches <= most_batches && state.correct >= 0 &&
              state.correct <= state.batches * config.batch && std::isfinite(state.loss_sum) &&
              state.loss_sum >= 0,
          "the epoch's progress");
  require(state.finished == is_finished(config, state), "the end");
}

}  // namespace

std::vector<std::uint8_t> checkpoint_bytes(const TrainingState& state, std::uint64_t configuration) {
  Arrays arrays;
  add(arrays, "configuration", std::vector<std::int64_t>{std::bit_cast<std::int64_t>(configuration)});
  add_network(arrays, kNetworkPrefix, state.network);
  add_network(arrays, kBestPrefix, state.best);
  add(arrays, "adam.first_moments", state.adam.first_moments);
  add(arrays, "adam.second_moments", state.adam.second_moments);
  add(arrays, "average", state.average.values);
  // A double as its bits, so that a resumed training continues the very same sum.
  add(arrays, "progress",
      std::vector<std::int64_t>{state.epoch, state.batches, std::bit_cast<std::int64_t>(state.loss_sum),
                                state.correct, state.adam.steps, state.average.steps, state.finished});
  std::string history;
  for (const EpochMetrics& metrics : state.history) history += to_json_line(metrics) + "\n";
  add(arrays, "history", std::vector<std::uint8_t>(history.begin(), history.end()));
  return data::write_npz(arrays);
}

TrainingState checkpoint_of(std::span<const std::uint8_t> file, const TrainingConfig& config,
                            std::uint64_t configuration) {
  const Arrays arrays = data::read_npz(file);
  const auto& written_for = data::values_of<std::int64_t>(arrays, "configuration");
  if (written_for != std::vector{std::bit_cast<std::int64_t>(configuration)})
    fail("the checkpoint of another training; remove it, or choose another --out");
  const auto& progress = data::values_of<std::int64_t>(arrays, "progress");
  if (progress.size() != 7) fail("array 'progress' has {} entries instead of 7", progress.size());
  if (!std::in_range<int>(progress[0])) fail("epoch {} is not that of a training", progress[0]);
  TrainingState state{.network = network_of(arrays, kNetworkPrefix, config.network),
                      .adam = {.steps = progress[4],
                               .first_moments = data::values_of<float>(arrays, "adam.first_moments"),
                               .second_moments = data::values_of<float>(arrays, "adam.second_moments")},
                      .epoch = static_cast<int>(progress[0]),
                      .batches = progress[1],
                      .loss_sum = std::bit_cast<double>(progress[2]),
                      .correct = progress[3],
                      .history = {},
                      .best = network_of(arrays, kBestPrefix, config.network),
                      .average = {.steps = progress[5], .values = data::values_of<float>(arrays, "average")},
                      .finished = progress[6] != 0};
  const auto& lines = data::values_of<std::uint8_t>(arrays, "history");
  for (auto begin = lines.begin(); begin != lines.end();) {
    const auto end = std::find(begin, lines.end(), '\n');
    state.history.push_back(metrics_from_json_line({begin, end}));
    begin = end == lines.end() ? end : end + 1;
  }
  check(state, config);
  return state;
}

void write_checkpoint(const std::filesystem::path& path, const TrainingState& state,
                      std::uint64_t configuration) {
  write_file(path, checkpoint_bytes(state, configuration));
}

TrainingState read_checkpoint(const std::filesystem::path& path, const TrainingConfig& config,
                              std::uint64_t configuration) {
  const auto bytes = read_file(path);
  return with_context(path.string(), [&] { return checkpoint_of(bytes, config, configuration); });
}

}  // namespace mudra::train
