// What kernels cost: executed instructions, counted, and the cycles estimated from them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "mudra/s3/mnemonics.hpp"

namespace mudra::s3 {

// Of one call, or added up over many.
struct Counts {
  std::uint64_t calls = 0;
  std::uint64_t instructions = 0;
  std::uint64_t multiply_adds = 0;   // 16 or 8 for an instruction, padding included
  std::uint64_t byte_products = 0;   // instructions that multiply and add 8-bit lanes
  std::uint64_t taken_branches = 0;  // jumps, taken branches, skipped loops and the return of each call
  std::uint64_t vector_stores = 0;   // of 128 bits
  std::uint64_t bubbles = 0;         // waited for what the instruction directly before makes late
  std::uint64_t shifts_behind_products = 0;  // SRCMB directly behind a multiply-add
  std::uint64_t divisions = 0;
  std::array<std::uint64_t, kKinds> by_kind{};  // instructions
  std::vector<std::uint64_t> by_mnemonic{};     // instructions, in the order of mnemonics(); may be empty

  Counts& operator+=(const Counts& more);
  bool operator==(const Counts&) const = default;
};

// Names and counts of what was executed at all, most frequent first.
std::vector<std::pair<std::string_view, std::uint64_t>> most_frequent(const Counts& counts);

// An estimate, never a measurement: instructions + bubbles + 2 for each taken branch + 0.6 for each 128-bit
// store + 1 for each SRCMB directly behind a multiply-add + 16 for each division, with all data in internal
// RAM and interrupts off. Calibrated on public measurements of other kernels, which lay between -5 % and +25
// % of it.
struct Cycles {
  double estimate = 0, low = 0, high = 0;
  double half_rate =
      0;  // if 8-bit multiply-adds took two cycles each, of which nobody has published a measurement
};
Cycles estimated_cycles(const Counts& counts);

}  // namespace mudra::s3
