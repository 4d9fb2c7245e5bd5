// The pass that turns every batch normalisation into part of the weights.
#pragma once

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// weight' = weight * factor and bias' = (bias - mean) * factor + shift with factor = scale / sqrt(variance +
// epsilon), computed in double. A normalisation whose Conv or Gemm is read by nobody else goes into it; one
// of a map without such a Conv becomes a depthwise 1x1 Conv with the normalisation's name. The graph,
// verified, comes out verified; it computes the same function and keeps all other names. Throws Error for a
// variance below -epsilon, and for the normalisation of features that do not come from a Gemm.
Graph fold_batch_normalization(const Graph& graph);

}  // namespace mudra::graph
