// The arithmetic of the engine behind one small interface, so that the same engine runs portable kernels,
// SIMD on the host, and one day the chip's vector unit. All give the same integers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mudra/device/operation.hpp"

namespace mudra::device {

inline constexpr int kMaxKernelSide = 7;

// Some neighbouring output pixels of one row, and where their input lies. Pixels are NHWC: the channels of
// one after another. Arrays of int16 lie at multiples of 2.
struct Tile {
  // Of a convolution: its kernel_h input rows, null where the window is above or below the picture. Else one
  // row; of kAverage the whole picture, row after row.
  const std::byte* const* rows = nullptr;
  const std::byte* shortcut = nullptr;  // kAdd: the other operand's pixels x to x + pixels
  std::byte* out = nullptr;  // where output pixel x goes. May be `shortcut` if the widths are equal
  int x = 0, pixels = 0;     // output columns [x, x + pixels); inputs start at column 0 of a row
};

struct Kernels {
  // Output pixels of a row that are made at a time. Few need little memory; many cost less per pixel.
  int tile_pixels = 1;
  // Bytes behind any tensor in the arena that may be read or rewritten unchanged.
  std::size_t slack_bytes = 0;
  // How much memory `pack` needs for an operation, and the packing into memory at a multiple of 64. 0: the
  // weights are used where they are.
  std::size_t (*packed_bytes)(const Operation& operation) = nullptr;
  void (*pack)(const Operation& operation, std::byte* to) = nullptr;
  void (*run)(const Operation& operation, const Tile& tile) = nullptr;
};

// Standard C++, for any processor. They are the definition: others are tested against them.
const Kernels& portable_kernels();

// Whether every sum of products stays inside the accumulator that the chip gives it, and of int8 products
// inside 30 bits, for any input in `range` and whatever part of the window lies outside of the picture.
bool sums_fit(const Convolution& convolution, Width width, Range range);

}  // namespace mudra::device
