// The wide middle of an inverted residual, one image at a time: expansion, activation and depthwise
// convolution row by row on slabs of hidden channels, so that the expanded map never leaves the cache. It is
// not stored: the way back computes it again, which costs less than writing and reading it.
//
// Maps and weights as layout.hpp says; "adds" means +=. Every function has a plain twin in reference.hpp.
#pragma once

#include <cstddef>

#include "mudra/train/kernels/layout.hpp"
#include "mudra/train/kernels/pointwise.hpp"

namespace mudra::train::kernels {

struct BlockShape {
  int side;  // of the input map; the output map's is out_side()
  int stride;
  int in_channels;
  int hidden_channels;
  int out_channels;

  int out_side() const { return strided(side, stride); }
  int pixels() const { return side * side; }
  int out_pixels() const { return out_side() * out_side(); }
};

// The expansion with its batch normalisation folded in, and the depthwise taps.
struct BlockWeights {
  const float* expand;       // [in_channels, padded(hidden_channels)]
  const float* expand_bias;  // [padded(hidden_channels)]
  const float* taps;         // [9, padded(hidden_channels)]
};

// Floats of scratch memory the functions below need, 64-byte aligned.
std::size_t scratch_floats(const BlockShape& shape);

// hidden = depthwise(activation(in * expand + expand_bias)), and the sums over pixels of hidden and its
// squares.
struct ExpandDepthwise {
  const float* in;  // [pixels, padded(in_channels)]
  BlockWeights weights;
  float limit;
  float* hidden;    // [slabs(hidden_channels), out_pixels, kSlab]
  double* sums;     // adds
  double* squares;  // adds
  float* scratch;
};
void expand_depthwise(const BlockShape& shape, const ExpandDepthwise& io);

// The way back from the projection's output to the block's input, all but the part of the expansion's batch
// normalisation that needs sums over the batch first: with g the gradient behind that normalisation (masked
// by the activation), in_gradient = g * expand_transposed and the sums are of g and of in[p][i] * g[p][c].
struct ExpandDepthwiseBackward {
  const float* in;
  BlockWeights weights;
  float limit;
  const float* out_gradient;        // behind the projection, [out_pixels, padded(out_channels)]
  const float* project_transposed;  // [out_channels, padded(hidden_channels)]
  const float* hidden;              // what expand_depthwise gave
  Affine hidden_normalisation;
  NormalisationGradient hidden_gradient;
  const float* expand_transposed;  // [padded(hidden_channels), padded(in_channels)]
  float* in_gradient;              // [pixels, padded(in_channels)]
  float* tap_gradients;            // [9, padded(hidden_channels)], adds
  float* sums;                     // [padded(hidden_channels)], adds
  float* products;                 // [in_channels, padded(hidden_channels)], adds
  float* scratch;
};
void expand_depthwise_backward(const BlockShape& shape, const ExpandDepthwiseBackward& io);

}  // namespace mudra::train::kernels
