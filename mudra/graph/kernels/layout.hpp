// How the float kernels, training's too, lay out their arrays.
//
// A map is [pixels, padded(channels)] floats, channels innermost (NHWC), 64-byte aligned. Weights are padded
// alike, with zeros, so that no kernel has to treat a last, shorter vector.
#pragma once

namespace mudra::graph::kernels {

// Channels come in whole AVX-512 vectors.
inline constexpr int kLanes = 16;

// Hidden channels are worked on this many at a time: three AVX-512 vectors, the width of a register tile, and
// few enough for three rows of a map to stay in the first-level cache.
inline constexpr int kSlab = 48;

constexpr int padded(int channels) { return (channels + kLanes - 1) / kLanes * kLanes; }

}  // namespace mudra::graph::kernels
