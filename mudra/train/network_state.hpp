// A network to and from the named arrays PyTorch keeps: keys, order and shapes of the article's class.
#pragma once

#include "mudra/graph/state_dict.hpp"
#include "mudra/train/network.hpp"

namespace mudra::train {

// first.0.weight, first.1.{weight, bias, running_mean, running_var, num_batches_tracked},
// layers.N.conv.{0, 1, 3, 4, 6, 7}..., classifier.2.{weight, bias}: what PyTorch's state_dict() gives.
graph::StateDict state_dict(const Network& network);

// The config whose state dict has these shapes. Shapes do not tell strides, so LightGestureNet's pattern is
// assumed: stride 2 where a block changes the number of channels, else 1; nor the activation or the image's
// side, which keep their defaults. Throws Error for anything that is not such a network, with its reason.
NetworkConfig config_from(const graph::StateDict& state);

// A network of `config` with the values of `state`. Throws Error for a missing, misshapen or unknown array.
Network network_from(const graph::StateDict& state, const NetworkConfig& config);

}  // namespace mudra::train
