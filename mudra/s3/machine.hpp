// Runs assembled kernels as an ESP32-S3 would, refuses what is silent or undefined there, and counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mudra/s3/counts.hpp"
#include "mudra/s3/program.hpp"
#include "mudra/s3/state.hpp"

namespace mudra::s3 {

class Machine {
 public:
  // Registers that a call does not set hold garbage made from `seed`.
  explicit Machine(std::uint64_t seed = 1);

  // Calls a function with up to six words in a2, a3, ... as a caller in the windowed ABI does, until it
  // returns.
  //
  // Throws Error, "conv.S:12: expand16: INSTRUCTION: why", for accesses outside of `memory`, to the wrong
  // side of its permissions or not at a multiple of their size; for registers used that were never written;
  // for a0 not kept; for what the specification leaves open; and after `most` instructions. What was written
  // until then stays.
  Counts run(const Program& program, const Function& function, const Memory& memory,
             std::span<const std::uint32_t> arguments, std::uint64_t most = kMost);
  Counts run(const Program& program, std::string_view function, const Memory& memory,
             std::span<const std::uint32_t> arguments, std::uint64_t most = kMost) {
    return run(program, program.function(function), memory, arguments, most);
  }

  // As the last call has left it: its result is a2.
  const State& state() const { return state_; }

  static constexpr std::uint64_t kMost = 100'000'000;
  static constexpr std::uint32_t kStackBytes = 4096;

 private:
  RegisterSet reset(const Memory& memory, std::span<const std::uint32_t> arguments);
  // Executes from the function's first instruction on; bubbles, taken branches and SRCMBs behind products
  // that straight lines do not explain are put into `counts`.
  void execute(const Program& program, const Function& function, RegisterSet written, std::uint64_t most,
               Counts& counts);
  void count_lines(const Program& program, const Function& function, Counts& counts);

  std::uint64_t seed_;
  State state_;
  std::size_t at_ = 0;  // the instruction being executed
  // How many straight lines begin at an instruction less those that end before it.
  std::vector<std::int64_t> lines_;
  alignas(16) std::array<std::byte, kStackBytes> stack_;
};

}  // namespace mudra::s3
