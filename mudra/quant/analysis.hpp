// What quantizing cost: noise by layer as the reference quantizer reports it, and what such tables hide.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"
#include "mudra/quant/tensor_use.hpp"

namespace mudra::quant {

// Of a Conv or Gemm. Noise is the mean over pictures of sum (q - f)^2 / sum f^2, f being the float network's.
struct LayerNoise {
  std::string node;
  double graphwise = 0;  // of its sums before any activation, everything rounded
  double layerwise = 0;  // of the network's outputs, only this layer's own parameters and values rounded
};

struct Analysis {
  std::vector<LayerNoise> layers;  // in the network's order
  std::vector<TensorUse> tensors;
};

// How many pictures the reference looks at: nine batches of 32.
inline constexpr std::size_t kAnalyzedPictures = 288;

// `network` is the float network, lowered; `integer` was made of it. What equalization and fitted ranges did
// to scales is taken out again. The first kAnalyzedPictures are looked at. Throws Error when the two do not
// belong together, and when interrupted; shows progress.
Analysis analyze(const graph::Graph& network, const graph::Graph& integer, const Pictures& pictures);

}  // namespace mudra::quant
