// LightGestureNet, the article's network, and its relatives as a graph.
#pragma once

#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/graph/state_dict.hpp"

namespace mudra::graph {

enum class ActivationKind { kRelu6, kRelu };

// Conv 3x3 1 -> first_channels stride 2, BatchNorm, activation; inverted residuals; global average pool;
// Linear.
struct LightGestureNet {
  struct Block {
    int out_channels = 0;
    int stride = 1;  // 1 or 2
    bool operator==(const Block&) const = default;
  };
  int classes = 8;
  int first_channels = 16;
  int expansion = 6;  // hidden channels of a block = expansion * its input channels
  std::vector<Block> blocks = {{24, 2}, {24, 1}, {32, 2}, {32, 1}};
  ActivationKind activation = ActivationKind::kRelu6;
  int image_side = 96;

  bool operator==(const LightGestureNet&) const = default;
};

// The network with its normalisations apart, as it is trained: input "input" [1, side, side, 1], output
// "output", nodes and constants called as in PyTorch ("layers.0.conv.3", "layers.0.conv.3.weight";
// "layers.1.add"), the constants in the order of its state_dict(). Weights are 0, normalisations the
// identity. Verified. Throws Error for sizes out of range.
Graph light_gesture_net(const LightGestureNet& net);

// What a state dict with these shapes is of. Shapes do not tell strides, so LightGestureNet's pattern is
// assumed: stride 2 where a block changes the number of channels, else 1; nor the activation or the image's
// side, which keep their defaults. Throws Error for anything that is not such a network, with its reason.
LightGestureNet light_gesture_net_of(const StateDict& state);

// What the Convs of a graph say it is, if it is one; see as_light_gesture_net. Throws Error where they cannot
// be LightGestureNet's.
LightGestureNet light_gesture_net_of(const Graph& graph);

// The same function as light_gesture_net() builds it, by structure and not by name, from a graph whose
// normalisations are folded or not. A folded one becomes the identity that leaves the same function: scale 1,
// shift the bias, mean 0, variance 1 - 1e-5. Throws Error when the structure is another, naming the node.
Graph as_light_gesture_net(const Graph& graph);

}  // namespace mudra::graph
