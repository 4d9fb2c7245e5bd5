// The weights training starts from.
#pragma once

#include <cstdint>

#include "mudra/train/network.hpp"

namespace mudra::train {

// The article's weight_init: He normal by fan-out for convolutions (a depthwise 3x3 has fan-out 9 * channels,
// as PyTorch counts), Xavier normal for the classifier, biases 0, BatchNorm 1/0 with fresh running
// statistics. Every array has a random stream of its own.
void initialise(Network& network, std::uint64_t seed);

}  // namespace mudra::train
