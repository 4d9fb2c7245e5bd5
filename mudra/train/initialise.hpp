// The weights training starts from.
#pragma once

#include <cstdint>

#include "mudra/graph/graph.hpp"

namespace mudra::train {

// The article's weight_init: He normal by fan-out for convolutions (a depthwise 3x3 has fan-out 9 * channels,
// as PyTorch counts), Xavier normal for fully connected layers, biases 0, slopes of PRelu 0.25, BatchNorm 1/0
// with fresh running statistics. Every array of weights has a random stream of its own, in the order of the
// nodes.
void initialise(graph::Graph& network, std::uint64_t seed);

}  // namespace mudra::train
