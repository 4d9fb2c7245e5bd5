// The float network in the shape the chip runs: what can be folded or fused is, what it cannot run is
// refused.
#pragma once

#include "mudra/graph/graph.hpp"

namespace mudra::quant {

// Normalisations folded, a Relu that alone reads a Conv or Gemm, at once or behind a MaxPool, taken into it
// (which then writes the Relu's tensor), x * Sigmoid(x) and x * HardSigmoid(x) made Swish and HardSwish.
// Throws Error, naming the node, for an integer graph, a batch size other than 1, weights that are not finite
// and what the chip computes otherwise.
graph::Graph lowered(const graph::Graph& network);

}  // namespace mudra::quant
