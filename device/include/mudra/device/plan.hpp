// In which order a network's operations run on which rows, and where in the arena everything lies.
//
// Operations form stages: the first may look at neighbouring pixels, the others work pixel by pixel, so that
// a stage makes its output a few pixels at a time and what passes between its operations is never larger than
// that. Between stages lie rows: of a ring only as many as the next window is high, or all of a stored
// tensor. An inverted residual is two stages (expand | depthwise, project, add) with a ring of three rows
// between, and a first convolution joins the expansion behind it. A pool whose windows share no rows takes
// the rows of its stage as they come and keeps one row of sums; with it the stage ends.
//
// Stages between stored tensors form a segment; segments run one after another. Stored is what more than one
// operation reads, what an operation with two operands finds ready, and what ends a segment. It lies where
// nothing lies from its segment to that of its last reader: the output of a segment over an input of it
// that nobody needs any more, wherever that input's rows are read before the output's overwrite them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "mudra/device/kernels.hpp"
#include "mudra/device/network.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

// Rows [made - kept, made) of a tensor of which `made` rows exist so far.
struct Rows {
  std::uint32_t offset = 0;  // in the arena
  std::uint32_t pitch = 0;   // bytes from a row to the next
  std::uint16_t kept = 0;    // 0: only the pixels between two operations of a stage
  bool stored = false;       // all rows are kept, and a segment ends here
  std::uint8_t lead = 0;     // bytes before each row that belong to it

  std::uint32_t begin() const { return offset - lead; }
  std::uint32_t bytes() const { return pitch * kept; }
  std::uint32_t offset_of(int y) const {
    return offset +
           pitch * (y < kept ? static_cast<std::uint32_t>(y) : ring_row(static_cast<std::uint32_t>(y)));
  }

 private:
  // y % kept without a division, which not every Xtensa has: of a ring kept is at most kMaxKernelSide, and up
  // to kMaxSide the rounded-up reciprocal is exact.
  std::uint32_t ring_row(std::uint32_t y) const {
    static_assert(std::size(kReciprocals) == kMaxKernelSide + 1 && kMaxKernelSide * kMaxSide < kOne);
    return y - (y * kReciprocals[kept] / kOne) * kept;
  }
  static constexpr std::uint32_t kOne = 1u << 16;
  static constexpr std::uint32_t kReciprocals[] = {0,        kOne,         kOne / 2,     kOne / 3 + 1,
                                                   kOne / 4, kOne / 5 + 1, kOne / 6 + 1, kOne / 7 + 1};
};

struct Stage {
  std::uint8_t first = 0, count = 0;  // places in Plan::order
  // Where the rows come from that its first operation reads: they are all there, the network's input, the
  // stage before, or the stage before if that gathers.
  enum class Source : std::uint8_t { kStored, kInput, kStage, kGathered };
  Source source : 2 = Source::kStored;
  bool ends_segment : 1 = false;
  bool gathers : 1 = false;  // its last operation ends a stage: rows of its output are not its steps
  // Step y needs the first y * stride + reach rows of the input, as far as there are so many.
  std::uint16_t stride = 1, reach = 1, rows = 0;
  std::uint16_t width = 0;            // pixels of a row of what is made pixel by pixel; 0: nothing is
  std::uint16_t steps = 0, made = 0;  // it makes, and has made of the picture so far
  // In the arena: the accumulators of the pool it ends with, and what its kernels want while they run.
  std::uint32_t sums = 0, scratch = 0;

  bool follows() const { return source >= Source::kStage; }
};

struct Plan {
  std::uint8_t order[kMaxOperations];  // operations of the network as they run
  Stage stages[kMaxOperations];
  Rows rows[kMaxOperations + 1];  // by TensorIndex
  int stage_count = 0;
  bool keeps_input = false;      // a later segment than the first reads the network's input
  std::uint8_t largest = 0;      // the operation that makes the largest tensor of the segment that needs most
  std::size_t packed_bytes = 0;  // at the start of the arena: what is packed there
  std::size_t arena_bytes = 0;   // all together

  int first_of(int stage) const { return order[stages[stage].first]; }
  int last_of(int stage) const { return last_of(stages[stage]); }
  int last_of(const Stage& stage) const { return order[stage.first + stage.count - 1]; }
  int last_stage_of_segment(int stage) const {
    while (!stages[stage].ends_segment) ++stage;
    return stage;
  }
};

// Whether it looks at rows and pixels beside its own, of which enough have to be kept.
bool looks_at_neighbours(const Operation& operation);
// Whether it ends a stage: its rows or pixels are not those of the operation before.
bool ends_stage(const Operation& operation);

// Rows of the input that have to exist before a stage that begins with this operation can make its step `y`,
// and the first of them that is read.
int rows_needed(const Operation& first, int y);
int first_row_read(const Operation& first, int y);

// A stage that ends with this operation: how many steps it has, how many it needs to complete output row y,
// and how many rows are complete after some.
int step_count(const Operation& last);
int steps_for_row(const Operation& last, int y);
int rows_after(const Operation& last, int steps);

// The output row that step `step` is a part of; -1: of none.
int row_of_step(const Operation& last, int step);

// order, stages, and which rows are kept.
void make_stages(Network& network, Plan& plan);

// The plan of an arranged network (Kernels::arrange), whatever the arena's size.
void make_plan(Network& network, const Kernels& kernels, Plan& plan);

}  // namespace mudra::device
