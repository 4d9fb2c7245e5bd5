// Networks and batches that tests train with.
#pragma once

#include <cstdint>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/train/initialise.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::train {

// Small, with everything in it: both strides, a shortcut, channels that fill no whole vector, an odd side.
inline graph::LightGestureNet small_net() {
  return {.classes = 5, .first_channels = 8, .expansion = 4, .blocks = {{16, 2}, {16, 1}}, .image_side = 21};
}

struct Batch {
  std::vector<float> images;
  std::vector<std::int32_t> labels;
};

inline Batch random_batch(const graph::Graph& network, int size, std::uint64_t seed) {
  Batch batch;
  Random random(seed);
  const auto pixels = static_cast<std::size_t>(graph::element_count(network.tensor(network.input).shape));
  batch.images.resize(static_cast<std::size_t>(size) * pixels);
  for (float& pixel : batch.images) pixel = random.uniform();
  const auto classes = static_cast<std::uint32_t>(network.tensor(network.output).shape.back());
  for (int i = 0; i < size; ++i) batch.labels.push_back(static_cast<std::int32_t>(random.below(classes)));
  return batch;
}

// Initialised, with scales and shifts moved away from 1 and 0 so that every gradient matters and the upper
// end of ReLU6 is reached, and biases away from 0.
inline graph::Graph random_network(graph::Graph network, std::uint64_t seed) {
  initialise(network, seed);
  Random random(seed, 2);
  for (const graph::Node& node : network.nodes) {
    if (std::holds_alternative<graph::BatchNormalization>(node.operation)) {
      for (float& scale : float_values(network, node.inputs[1])) scale = random.uniform(0.5f, 4.0f);
      for (float& shift : float_values(network, node.inputs[2])) shift = random.uniform(-1.0f, 1.0f);
    } else if (std::holds_alternative<graph::Conv>(node.operation) && node.inputs.size() > 2) {
      for (float& bias : float_values(network, node.inputs[2])) bias = random.uniform(-0.5f, 0.5f);
    }
  }
  return network;
}
inline graph::Graph random_network(const graph::LightGestureNet& net, std::uint64_t seed) {
  return random_network(light_gesture_net(net), seed);
}

// Everything that is learnt, one after another.
inline std::vector<float> all_values(const graph::Graph& network) {
  std::vector<float> values;
  for (const graph::TensorIndex i : learnt_constants(network)) {
    const std::vector<float>& more = float_values(network.tensor(i));
    values.insert(values.end(), more.begin(), more.end());
  }
  return values;
}

// The values of the constant called `name`.
inline std::vector<float>& constant(graph::Graph& network, std::string_view name) {
  return float_values(network, find_tensor(network, name).value());
}

}  // namespace mudra::train
