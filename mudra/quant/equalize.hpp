// Cross-layer equalization: per channel, weights grow in front of a tensor and shrink behind it, or the other
// way round, until both use their range alike. (quantization.md, section 5; Nagel et al. 2019)
#pragma once

#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"

namespace mudra::quant {

struct Equalization {
  int iterations = 4;
  float threshold = 0.4f;  // channels whose largest weights, before and behind together, are below it stay
  int level = 2;           // 1: pairs joined by Relu and pooling; 2: also by Add; 3: also by Flatten
};

// Layers that write, and layers that read, the same channels.
struct EqualizationPair {
  std::vector<std::string> before, behind;

  bool operator==(const EqualizationPair&) const = default;
};

struct Equalized {
  graph::Graph network;
  std::vector<EqualizationPair> pairs;
};

// The same function for real numbers, but for roundings: no Clip lies between the layers of a pair. `network`
// is lowered.
Equalized equalized(const graph::Graph& network, const Equalization& how);

// Channels that stay far below a Clip's bound grow in front of it and shrink behind it, as far as the largest
// weight in front allows: one channel that is nearly always zero may otherwise have weights that leave the
// others few steps. The same function for what `pictures` show and twice as much. `network` is lowered.
// Throws Error when interrupted; shows progress.
graph::Graph grown_below_clips(const graph::Graph& network, const Pictures& pictures);

// Every Clip that is a ReLU6 becomes a Relu: another function, for networks trained without the bound.
graph::Graph with_relu_for_relu6(const graph::Graph& network);

}  // namespace mudra::quant
