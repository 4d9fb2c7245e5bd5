// How the training kernels lay out their arrays.
//
// A map is [pixels, padded(channels)] floats, channels innermost (NHWC), 64-byte aligned, the channels past
// the real ones 0. Weights are padded alike, so that no kernel has to treat a last, shorter vector.
#pragma once

namespace mudra::train::kernels {

// Channels come in whole AVX-512 vectors.
inline constexpr int kLanes = 16;

// Hidden channels are worked on this many at a time: three AVX-512 vectors, the width of a register tile, and
// few enough for three rows of a map to stay in the first-level cache.
inline constexpr int kSlab = 48;

// Pixels are worked on this many at a time where rows do not matter. Sums over pixels are taken over one such
// run (or one row) from zero and then added to the total, which keeps rounding errors small.
inline constexpr int kRun = 48;

constexpr int padded(int channels) { return (channels + kLanes - 1) / kLanes * kLanes; }

// Side of the map behind a 3x3 convolution with padding 1.
constexpr int strided(int side, int stride) { return (side + stride - 1) / stride; }

}  // namespace mudra::train::kernels
