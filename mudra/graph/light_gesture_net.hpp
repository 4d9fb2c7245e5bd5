// LightGestureNet and its relatives as a graph, from the arrays PyTorch keeps and back to them.
#pragma once

#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/graph/state_dict.hpp"

namespace mudra::graph {

enum class ActivationKind { kRelu6, kRelu };

// What the shapes of the weights do not tell.
struct Architecture {
  std::vector<int> block_strides;  // one per inverted residual, 1 or 2
  ActivationKind activation = ActivationKind::kRelu6;
  int image_side = 96;

  bool operator==(const Architecture&) const = default;
};

// The network with its normalisations apart, as trained: input "input" [1, side, side, 1], output "output",
// nodes and weights called as in PyTorch ("layers.0.conv.3", "layers.0.conv.3.weight"; "layers.1.add").
// Keys: first.0.weight, first.1.{weight, bias, running_mean, running_var}, layers.N.conv.{0, 1, 3, 4, 6,
// 7}..., classifier.2.{weight, bias}. Verified. Throws Error for a missing or misshapen array.
Graph light_gesture_net(const StateDict& state, const Architecture& architecture);

struct LightGestureNet {
  StateDict state;
  Architecture architecture;
};

// The way back, by structure and not by name, from a graph whose normalisations are folded or not. A folded
// one comes back as the identity that leaves the same function: scale 1, shift the bias, mean 0, variance 1 -
// 1e-5. Throws Error when the structure is another, naming the node.
LightGestureNet light_gesture_net_of(const Graph& graph);

}  // namespace mudra::graph
