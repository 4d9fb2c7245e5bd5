#include "mudra/train/checkpoint.hpp"

#include <algorithm>
#include <bit>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/data/npz.hpp"
#include "mudra/train/network_state.hpp"

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

void add_network(Arrays& arrays, const std::string& prefix, const Network& network) {
  for (graph::NamedTensor& tensor : state_dict(network).tensors)
    std::visit(
        [&](auto& values) {
          arrays.push_back({prefix + tensor.name, tensor.shape, std::move(values)});
        },
        tensor.values);
}

Network network_of(const Arrays& arrays, const std::string& prefix, const NetworkConfig& config) {
  graph::StateDict state;
  for (const data::NpzArray& array : arrays) {
    if (!array.name.starts_with(prefix)) continue;
    graph::NamedTensor tensor{array.name.substr(prefix.size()), array.shape, {}};
    if (const auto* floats = std::get_if<std::vector<float>>(&array.values)) tensor.values = *floats;
    if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&array.values))
      tensor.values = *integers;
    state.tensors.push_back(std::move(tensor));
  }
  return network_from(state, config);
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const TrainingState& state) {
  Arrays arrays;
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
  data::write_npz(path, arrays);
}

TrainingState read_checkpoint(const std::filesystem::path& path, const NetworkConfig& config) {
  return with_context(path.string(), [&] {
    const Arrays arrays = data::read_npz(read_file(path));
    const auto& progress = data::values_of<std::int64_t>(arrays, "progress");
    if (progress.size() != 7) fail("array 'progress' has {} entries instead of 7", progress.size());
    TrainingState state{
        .network = network_of(arrays, kNetworkPrefix, config),
        .adam = {.steps = progress[4],
                 .first_moments = data::values_of<float>(arrays, "adam.first_moments"),
                 .second_moments = data::values_of<float>(arrays, "adam.second_moments")},
        .epoch = static_cast<int>(progress[0]),
        .batches = progress[1],
        .loss_sum = std::bit_cast<double>(progress[2]),
        .correct = progress[3],
        .history = {},
        .best = network_of(arrays, kBestPrefix, config),
        .average = {.steps = progress[5], .values = data::values_of<float>(arrays, "average")},
        .finished = progress[6] != 0};
    const auto& lines = data::values_of<std::uint8_t>(arrays, "history");
    for (auto begin = lines.begin(); begin != lines.end();) {
      const auto end = std::find(begin, lines.end(), '\n');
      state.history.push_back(metrics_from_json_line({begin, end}));
      begin = end == lines.end() ? end : end + 1;
    }
    return state;
  });
}

}  // namespace mudra::train
