// Passes that turn normalisations into part of the weights: those of batches, and that of the pixels.
#pragma once

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// weight' = weight * factor and bias' = (bias - mean) * factor + shift with factor = scale / sqrt(variance +
// epsilon), computed in double. A normalisation whose Conv or Gemm is read by nobody else goes into it; one
// of a map without such a Conv becomes a depthwise 1x1 Conv with the normalisation's name. The graph,
// verified, comes out verified; it computes the same function and keeps all other names. Throws Error for a
// variance below -epsilon, and for the normalisation of features that do not come from a Gemm.
Graph fold_batch_normalization(const Graph& graph);

// The network of value / 255 that computes the same as `graph`, whose metadata states a normalization of
// pixels: weight' = weight / deviation and bias' = bias - the sum of weight * mean / deviation, where only
// Convs without padding and Gemms behind a Flatten read the picture. Any other is returned as it is: padding
// is zeros of normalized pixels, which no weights make of zeros of value / 255.
Graph fold_pixel_normalization(const Graph& graph);

}  // namespace mudra::graph
