// In which order a network's operations run on which rows, and where in the arena everything lies.
//
// Operations form stages: the first may look at neighbouring pixels, the others work pixel by pixel, so that
// a stage makes its output a few pixels at a time and what passes between its operations is never larger than
// that. Between stages lie rows: of a ring only as many as the next window is high, or all of a stored
// tensor. An inverted residual is two stages (expand | depthwise, project, add) with a ring of three rows
// between, and a first convolution joins the expansion behind it.
//
// Stages between two stored tensors form a segment; segments run one after another. The output of a segment
// lies over its input wherever the input's rows are read before the output's overwrite them, shortcut
// included.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mudra/device/kernels.hpp"
#include "mudra/device/network.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

inline constexpr int kMaxStages = 32;
inline constexpr std::uint32_t kBufferAlignment = 16;

// Rows [made - kept, made) of a tensor of which `made` rows exist so far.
struct Rows {
  std::uint32_t offset = 0;  // in the arena
  std::uint32_t row_bytes = 0;
  std::uint16_t height = 0, kept = 0;
  bool stored = false;  // all rows are kept, and a segment ends and begins here

  std::uint32_t bytes() const { return row_bytes * kept; }
  std::uint32_t offset_of(int y) const { return offset + row_bytes * static_cast<std::uint32_t>(y % kept); }
};

struct Stage {
  std::uint8_t first = 0, count = 0;  // operations of the network
  std::int8_t shortcut = -1;          // which Rows its addition reads as shortcut
  // Where pixels between operations i and i + 1 of the stage lie: scratch[i % 2].
  std::uint32_t scratch[2] = {0, 0};
};

struct Plan {
  Stage stages[kMaxStages];
  Rows rows[kMaxStages + 1];  // stage i reads rows[i] and makes rows[i + 1]
  int stage_count = 0;
  std::size_t packed_bytes = 0;  // at the start of the arena: what the kernels packed
  std::size_t arena_bytes = 0;   // all together
  std::uint8_t largest = 0;      // the operation that makes the largest tensor of the segment that needs most
};

// Rows of the input that have to exist before row y of an output can be made, and the first of them that is
// read.
int rows_needed(const Operation& operation, int y);
int first_row_read(const Operation& operation, int y);

// kTooManyOperations, or kOk whatever the arena's size.
Status make_plan(const Network& network, const Kernels& kernels, Plan& plan);

}  // namespace mudra::device
