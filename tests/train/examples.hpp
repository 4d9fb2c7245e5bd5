// Networks and batches that tests train with.
#pragma once

#include <cstdint>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/train/initialise.hpp"
#include "mudra/train/network.hpp"

namespace mudra::train {

// Small, with everything in it: both strides, a shortcut, channels that fill no whole vector, an odd side.
inline NetworkConfig small_config() {
  return {.classes = 5, .first_channels = 8, .expansion = 4, .blocks = {{16, 2}, {16, 1}}, .image_side = 21};
}

struct Batch {
  std::vector<float> images;
  std::vector<std::int32_t> labels;
};

inline Batch random_batch(const NetworkConfig& config, int size, std::uint64_t seed) {
  Batch batch;
  Random random(seed);
  batch.images.resize(static_cast<std::size_t>(size) * config.image_side * config.image_side);
  for (float& pixel : batch.images) pixel = random.uniform();
  for (int i = 0; i < size; ++i)
    batch.labels.push_back(
        static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(config.classes))));
  return batch;
}

// Initialised, with scales and shifts moved away from 1 and 0 so that every gradient matters and the upper
// end of ReLU6 is reached.
inline Network random_network(const NetworkConfig& config, std::uint64_t seed) {
  Network network(config);
  initialise(network, seed);
  Random random(seed, 2);
  for (NormalisedConv* conv : network.convolutions()) {
    for (float& scale : conv->scale.values) scale = random.uniform(0.5f, 4.0f);
    for (float& shift : conv->shift.values) shift = random.uniform(-1.0f, 1.0f);
  }
  return network;
}

// Every weight of a network, one after another.
inline std::vector<float> all_values(const Network& network) {
  std::vector<float> values;
  for (const Parameter* parameter : network.parameters())
    values.insert(values.end(), parameter->values.begin(), parameter->values.end());
  return values;
}

}  // namespace mudra::train
