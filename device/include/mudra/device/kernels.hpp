// The arithmetic of the engine behind one small interface, so that the same engine runs portable kernels,
// SIMD on the host, and one day the chip's vector unit. All give the same integers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mudra/device/operation.hpp"

namespace mudra::device {

struct Network;

// Of the arena, and in it of every row, ring, scratch and packed block. (Rows that are one piece for whoever
// fills or reads them, the network's input and output and what is flattened, are not apart.)
inline constexpr std::uint32_t kAlignment = 16;

constexpr std::uint32_t align_up(std::uint32_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

inline constexpr int kMaxKernelSide = 7;  // of a convolution; more would make the rows of a ring too many

// Some neighbouring output pixels of one row, and where their input lies. Pixels are NHWC: the channels of
// one after another. Arrays of int16 lie at multiples of 2.
struct Tile {
  // A pool gets one input row after the other, in any pieces.
  enum class Step : std::uint8_t {
    kStart,   // sums := nothing, for a whole output row
    kTake,    // input pixels [x, x + pixels) of a row that all windows of the output row contain
    kFinish,  // the whole output row
  };

  // Of a convolution: its kernel_h input rows, null where the window is above or below the picture. Else one
  // row. Input pixels start at column 0; of pools and kTurn, at column x.
  const std::byte* const* rows = nullptr;
  const std::byte* second = nullptr;  // kAdd, kMultiply: the other operand's pixels x to x + pixels
  std::byte* out = nullptr;   // where output pixel x goes; of kTurn, where all go. May be `second` if as wide
  int x = 0, pixels = 0;      // output columns [x, x + pixels); of pools and kTurn, input columns
  int y = 0;                  // kTurn: the input row
  std::byte* sums = nullptr;  // pools: accumulators of the output row
  std::byte* scratch = nullptr;  // Kernels::scratch_bytes, of no meaning before and after
  Step step = Step::kTake;
};

struct Kernels {
  // Of packed weights that may be kept in a file (packed_section.hpp): whose they are, and the version of
  // what `pack` makes, of which operations, for which `arrange`. 0: none are kept.
  std::uint32_t id = 0, version = 0;
  // Output pixels of a row that are made at a time. Few need little memory; many cost less per pixel.
  int tile_pixels = 1;
  // Bytes behind any tensor in the arena that may be read or rewritten unchanged.
  std::size_t slack_bytes = 0;
  // Says how the tensors between the operations of a network lie: Operation::in_zero, out_zero, lead_bytes.
  // Null: dense and as they are. What follows is asked of operations so arranged.
  void (*arrange)(Network& network) = nullptr;
  // How much memory an operation's kernel needs while it runs. Null: none.
  std::size_t (*scratch_bytes)(const Operation& operation) = nullptr;
  // How much memory `pack` needs for an operation, and the packing into memory at a multiple of kAlignment: a
  // pure function of the operation. 0: the weights are used where they are.
  std::size_t (*packed_bytes)(const Operation& operation) = nullptr;
  void (*pack)(const Operation& operation, std::byte* to) = nullptr;
  // The best kernel that computes exactly this operation, packed if it is to be. Never null.
  Kernel (*choose)(const Operation& operation) = nullptr;
};

// Standard C++, for any processor. They are the definition: others are tested against them.
const Kernels& portable_kernels();

// Whether every sum of products stays inside the accumulator that the chip gives it, and of int8 products
// inside 30 bits, for any input in its range and whatever part of the window lies outside of the picture.
bool sums_fit(const Operation& convolution);

}  // namespace mudra::device
