// LightGestureNet and its relatives: a MobileNetV2-like network with its weights, running statistics and
// gradients, ready to be trained.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mudra/graph/state_dict.hpp"

namespace mudra::train {

enum class Activation { kRelu6, kRelu };

struct BlockConfig {
  int out_channels = 0;
  int stride = 1;  // 1 or 2

  bool operator==(const BlockConfig&) const = default;
};

// Conv 3x3 1 -> first_channels stride 2, BatchNorm, activation; inverted residuals; global average pool;
// Linear. Channels are multiples of 8.
struct NetworkConfig {
  int classes = 8;
  int first_channels = 16;
  int expansion = 6;
  std::vector<BlockConfig> blocks = {{24, 2}, {24, 1}, {32, 2}, {32, 1}};
  Activation activation = Activation::kRelu6;

  bool operator==(const NetworkConfig&) const = default;
};

}  // namespace mudra::train
