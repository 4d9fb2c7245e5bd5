// Networks with seeded random weights for the tests of the graph and its formats.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/reference_run.hpp"
#include "mudra/graph/state_dict.hpp"

namespace mudra::graph {

struct Architecture {
  std::vector<int> block_strides;
  ActivationKind activation = ActivationKind::kRelu6;
  int image_side = 96;
};

struct SmallNet {
  int first_channels = 8;
  int expansion = 2;
  std::vector<int> block_channels = {16, 16};
  Architecture architecture = {
      .block_strides = {2, 1}, .activation = ActivationKind::kRelu6, .image_side = 16};
  int classes = 3;
};

// The article's network: 96x96, eight classes, 15.28 M multiply-adds.
inline SmallNet full_size() {
  return {16, 6, {24, 24, 32, 32}, {{2, 1, 2, 1}, ActivationKind::kRelu6, 96}, 8};
}

inline std::vector<float> random_values(std::int64_t count, float low, float high, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = random.uniform(low, high);
  return values;
}

// The plain run's output for random pixels.
inline std::vector<float> result_of(const Graph& graph) {
  const auto image = random_values(element_count(graph.tensor(graph.input).shape), 0, 1, 1);
  return run_reference(graph, image)[static_cast<std::size_t>(graph.output)];
}

// He-like weights, normalisations far from the identity.
class RandomStateDict {
 public:
  explicit RandomStateDict(const SmallNet& net) {
    conv("first", 0, {net.first_channels, 1, 3, 3});
    int channels = net.first_channels;
    for (std::size_t i = 0; i < net.block_channels.size(); ++i) {
      const std::string prefix = fmt::format("layers.{}.conv", i);
      const int hidden = channels * net.expansion;
      conv(prefix, 0, {hidden, channels, 1, 1});
      conv(prefix, 3, {hidden, 1, 3, 3});
      channels = net.block_channels[i];
      conv(prefix, 6, {channels, hidden, 1, 1});
    }
    add("classifier.2.weight", {net.classes, channels}, -0.5f, 0.5f);
    add("classifier.2.bias", {net.classes}, -0.5f, 0.5f);
  }

  StateDict state;

 private:
  void add(const std::string& name, const Shape& shape, float low, float high) {
    state.tensors.push_back({name, shape, random_values(element_count(shape), low, high, ++seed_)});
  }
  void conv(const std::string& prefix, int i, const Shape& weight) {
    const float bound = std::sqrt(6.0f / static_cast<float>(weight[1] * weight[2] * weight[3]));
    const std::string norm = fmt::format("{}.{}.", prefix, i + 1);
    add(fmt::format("{}.{}.weight", prefix, i), weight, -bound, bound);
    add(norm + "weight", {weight[0]}, 0.5f, 1.5f);
    add(norm + "bias", {weight[0]}, -0.5f, 0.5f);
    add(norm + "running_mean", {weight[0]}, -0.3f, 0.3f);
    add(norm + "running_var", {weight[0]}, 0.5f, 2.0f);
    state.tensors.push_back({norm + "num_batches_tracked", {}, std::vector<std::int64_t>{7}});
  }

  std::uint64_t seed_ = 0;
};

inline LightGestureNet light_gesture_net_of(const SmallNet& net) {
  LightGestureNet config{.classes = net.classes,
                         .first_channels = net.first_channels,
                         .expansion = net.expansion,
                         .blocks = {},
                         .activation = net.architecture.activation,
                         .image_side = net.architecture.image_side};
  for (std::size_t i = 0; i < net.block_channels.size(); ++i)
    config.blocks.push_back({net.block_channels[i], net.architecture.block_strides.at(i)});
  return config;
}

// Without the counters of batches, which only training moves.
inline Graph random_net(const SmallNet& net) {
  Graph graph = light_gesture_net(light_gesture_net_of(net));
  put(graph, RandomStateDict(net).state);
  return without_unused(graph);
}

// A few dozen weights and every operation: for tests that read a file thousands of times.
inline Graph tiny_net() {
  Graph graph;
  graph.name = "tiny";
  graph.class_names = {"a", "b"};
  graph.metadata = {{"version", "1"}};
  TensorIndex at = graph.input = add_tensor(
      graph, {.name = "input", .shape = {1, 6, 6, 1}, .layout = Layout::kNhwc, .exponent = {}, .values = {}});
  const auto conv = [&](const std::string& name, const Shape& shape, const Window& window, bool depthwise) {
    const TensorIndex weight =
        add_constant(graph, name + ".weight", shape, Layout::kOihw,
                     random_values(element_count(shape), -1, 1, name.size() + graph.nodes.size()));
    const TensorIndex bias = add_constant(graph, name + ".bias", {shape[0]}, Layout::kVector,
                                          random_values(shape[0], -0.1f, 0.1f, graph.nodes.size()));
    at = add_node(graph, name, Conv{window, depthwise, false}, {at, weight, bias});
  };
  conv("first", {2, 1, 3, 3}, {3, 3, 2, 2, 1, 1, 1, 1}, false);
  const TensorIndex shortcut = at = add_node(graph, "clip", Clip{0, 6}, {at});
  conv("depthwise", {2, 1, 3, 3}, {3, 3, 1, 1, 1, 1, 1, 1}, true);
  at = add_node(graph, "relu", Relu{}, {at});
  at = add_node(graph, "add", Add{}, {at, shortcut});
  at = add_node(graph, "pool", GlobalAveragePool{}, {at});
  at = add_node(graph, "flatten", Flatten{}, {at});
  const TensorIndex weight = add_constant(graph, "gemm.weight", {2, 2}, Layout::kOi, {0.9f, -1.2f, 0.5f, 2});
  const TensorIndex bias = add_constant(graph, "gemm.bias", {2}, Layout::kVector, {0.5f, -0.25f});
  graph.output = add_node(graph, "output", Gemm{}, {at, weight, bias});
  return graph;
}

}  // namespace mudra::graph
