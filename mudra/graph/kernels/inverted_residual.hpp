// A whole inverted residual at once: 1x1 expansion, 3x3 depthwise and 1x1 projection, row by row on slabs of
// hidden channels, so that the wide maps in its middle never leave the first-level cache.
#pragma once

#include <cstddef>
#include <functional>

#include "mudra/graph/kernels/map_kernels.hpp"

namespace mudra::graph::kernels {

struct BlockShape {
  int height, width;          // of the input
  int out_height, out_width;  // of the output; one pixel of padding at the top and at the left
  int stride;                 // 1 or 2
  int in_channels, hidden_channels, out_channels;
};

// `count` pixels, `stride` floats apart.
struct Pixels {
  const float* values;
  std::ptrdiff_t count, stride, channels;
};
using PixelsWatch = std::function<void(const Pixels&)>;

// Maps and weights as layout.hpp says.
struct Block {
  const float* in;           // [height * width, padded(in_channels)]
  const float* expand;       // [in_channels, padded(hidden_channels)]
  const float* expand_bias;  // [padded(hidden_channels)]
  Bounds expand_bounds;
  const float* taps;       // [9, padded(hidden_channels)]
  const float* taps_bias;  // [padded(hidden_channels)]
  Bounds taps_bounds;
  const float* project;       // [padded(hidden_channels), padded(out_channels)]
  const float* project_bias;  // [padded(out_channels)]
  const float* shortcut;      // like out, or nullptr
  float* out;                 // [out_height * out_width, padded(out_channels)]
  float* scratch;             // scratch_floats(), 64-byte aligned
  // Called, unless empty, with every value of the map expanded and of the one the depthwise convolution
  // gives: a row of a slab of channels at a time.
  PixelsWatch watch_expanded, watch_filtered;
};

std::size_t scratch_floats(const BlockShape& shape);

void run_block(const BlockShape& shape, const Block& io);

}  // namespace mudra::graph::kernels
