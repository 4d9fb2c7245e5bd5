#include "mudra/train/network_state.hpp"

#include "mudra/base/error.hpp"

namespace mudra::train {
namespace {

// "first.1." of "first.1.weight".
std::string norm_prefix(const NormalisedConv& conv) {
  return conv.scale.name.substr(0, conv.scale.name.rfind('.') + 1);
}

graph::NamedTensor tensor_of(const Parameter& parameter) {
  return {parameter.name, parameter.shape, parameter.values};
}

void append(graph::StateDict& state, const NormalisedConv& conv) {
  const std::string prefix = norm_prefix(conv);
  for (const Parameter* parameter : {&conv.weight, &conv.scale, &conv.shift})
    state.tensors.push_back(tensor_of(*parameter));
  state.tensors.push_back({prefix + "running_mean", {conv.channels()}, conv.running_mean});
  state.tensors.push_back({prefix + "running_var", {conv.channels()}, conv.running_variance});
  state.tensors.push_back(
      {prefix + "num_batches_tracked", {}, std::vector<std::int64_t>{conv.batches_tracked}});
}

void take(const graph::StateDict& state, Parameter& parameter) {
  parameter.values = graph::floats(state, parameter.name, parameter.shape);
}

void take(const graph::StateDict& state, NormalisedConv& conv) {
  const std::string prefix = norm_prefix(conv);
  for (Parameter* parameter : {&conv.weight, &conv.scale, &conv.shift}) take(state, *parameter);
  conv.running_mean = graph::floats(state, prefix + "running_mean", {conv.channels()});
  conv.running_variance = graph::floats(state, prefix + "running_var", {conv.channels()});
  for (const float variance : conv.running_variance)
    if (!(variance >= 0)) fail("'{}running_var' holds {}", prefix, variance);
  const std::string counter = prefix + "num_batches_tracked";
  const graph::NamedTensor* batches = graph::find(state, counter);
  if (batches == nullptr) fail("'{}' is missing", counter);
  const auto* count = std::get_if<std::vector<std::int64_t>>(&batches->values);
  if (count == nullptr || count->size() != 1) fail("'{}' is not one integer", counter);
  conv.batches_tracked = count->front();
}

// The shape of the float array called `name`; -1 in `pattern` accepts any extent.
std::vector<std::int64_t> shape_of(const graph::StateDict& state, const std::string& name,
                                   const std::vector<std::int64_t>& pattern) {
  graph::floats(state, name, pattern);
  return graph::find(state, name)->shape;
}

int channels_of(std::int64_t extent, const std::string& name) {
  if (extent < 1 || extent > 1 << 16) fail("'{}' has {} channels", name, extent);
  return static_cast<int>(extent);
}

}  // namespace

graph::StateDict state_dict(const Network& network) {
  graph::StateDict state;
  for (const NormalisedConv* conv : network.convolutions()) append(state, *conv);
  state.tensors.push_back(tensor_of(network.classifier_weight));
  state.tensors.push_back(tensor_of(network.classifier_bias));
  return state;
}

NetworkConfig config_from(const graph::StateDict& state) {
  NetworkConfig config;
  config.first_channels = channels_of(shape_of(state, "first.0.weight", {-1, 1, 3, 3})[0], "first.0.weight");
  config.blocks.clear();
  int channels = config.first_channels;
  for (int i = 0;; ++i) {
    const std::string expand = fmt::format("layers.{}.conv.0.weight", i);
    const std::string project = fmt::format("layers.{}.conv.6.weight", i);
    if (graph::find(state, expand) == nullptr) break;
    const int hidden = channels_of(shape_of(state, expand, {-1, channels, 1, 1})[0], expand);
    const int out_channels = channels_of(shape_of(state, project, {-1, hidden, 1, 1})[0], project);
    if (hidden % channels != 0 || (i > 0 && hidden != config.expansion * channels))
      fail("'{}' expands {} channels to {}: not the same whole factor in every block", expand, channels,
           hidden);
    config.expansion = hidden / channels;
    config.blocks.push_back({out_channels, out_channels == channels ? 1 : 2});
    channels = out_channels;
  }
  if (config.blocks.empty()) fail("'layers.0.conv.0.weight' is missing");
  config.classes =
      channels_of(shape_of(state, "classifier.2.weight", {-1, channels})[0], "classifier.2.weight");
  return config;
}

Network network_from(const graph::StateDict& state, const NetworkConfig& config) {
  Network network(config);
  for (NormalisedConv* conv : network.convolutions()) take(state, *conv);
  take(state, network.classifier_weight);
  take(state, network.classifier_bias);
  const graph::StateDict known = state_dict(network);
  for (const graph::NamedTensor& tensor : state.tensors)
    if (graph::find(known, tensor.name) == nullptr) fail("'{}' is not part of this network", tensor.name);
  return network;
}

}  // namespace mudra::train
