// Networks with seeded random weights for the tests of the graph and its formats.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/state_dict.hpp"

namespace mudra::graph {

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

inline Graph random_net(const SmallNet& net) {
  return light_gesture_net(RandomStateDict(net).state, net.architecture);
}

}  // namespace mudra::graph
