// Convolutions as products: what the window sees at every output pixel as a row of a map, a patch: kernel row
// by kernel row, column by column, channel by channel.
#pragma once

#include <cstddef>

#include "mudra/graph/kernels/map_kernels.hpp"

namespace mudra::train::kernels {

// Output rows [first_row, first_row + rows) of a convolution. Taps outside the map are 0.
struct PatchRows {
  graph::kernels::MapSize in_size;
  graph::kernels::Sliding window;
  int out_width;
  int first_row, rows;

  int depth() const { return window.kernel_h * window.kernel_w * in_size.channels; }
  int pixels() const { return rows * out_width; }
};

// map: pixels `pixel_stride` floats apart; patches: [pixels(), padded(depth())].
void gather_patches(const PatchRows& io, const float* map, std::ptrdiff_t pixel_stride, float* patches);

// The way back for gradients: adds every patch to where it was gathered from.
void scatter_patches(const PatchRows& io, const float* patches, std::ptrdiff_t pixel_stride, float* map);

inline constexpr int kPatchTaps = 9;

// Of LightGestureNet's first convolution: image: [side, side]; patches: [out_side * out_side, padded(9)] for
// a 3x3 kernel, stride 2 and padding 1.
void gather_patches(const float* image, int side, float* patches);

}  // namespace mudra::train::kernels
