// Biases that take away the mean error of every sum.
#pragma once

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

// `network` with biases such that each channel of each Conv and Gemm, layer after layer, has the mean over
// `pictures` that it has in `target`, a network of the same nodes, when all is rounded as `scheme` says.
// Throws Error when interrupted; shows progress.
graph::Graph with_corrected_biases(const graph::Graph& network, const graph::Graph& target,
                                   const Scheme& scheme, const Pictures& pictures);

}  // namespace mudra::quant
