// What a model costs on the chip, without a chip: instructions, time and memory, node by node.
//
// Instructions of vector kernels are counted while the virtual chip executes them; those of the engine's C++
// are reckoned from stored figures (scalar_cost.hpp). Time is estimated from both, never measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/device/engine.hpp"
#include "mudra/sim/scalar_cost.hpp"

namespace mudra::sim {

enum class KernelSet { kS3, kPortable };

// "s3", "portable". Throws Error for anything else.
KernelSet kernel_set_named(std::string_view name);
const char* name_of(KernelSet kernels);

struct ProfileChoice {
  KernelSet kernels = KernelSet::kS3;
  // In RAM, or in flash, to be read through the chip's cache, as portable kernels always do.
  device::PackedWeights weights = device::PackedWeights::kInArena;
  int megahertz = 240;
};

// Microseconds of one picture, with interrupts off.
struct Time {
  double estimate = 0, low = 0, high = 0;

  Time& operator+=(const Time& more);
};

struct NodeProfile {
  std::string node;       // the first of those that an operation stands for
  std::string operation;  // "Conv, Clip"
  std::string kernel;     // "expand", "portable"
  std::string why;        // no vector kernel computes it; empty: one does, or none was wanted
  std::string cost;       // the stored figures its C++ is reckoned with: "dense, 8 bits"
  Work work;
  std::uint64_t vector_instructions = 0;  // executed by the virtual chip
  std::uint64_t scalar_instructions = 0;  // of C++, reckoned
  std::uint64_t multiply_adds = 0;        // the network's own: without those that only fill vectors
  std::size_t packed_bytes = 0;           // of its weights as the kernel wants them
  Time time;

  std::uint64_t instructions() const { return vector_instructions + scalar_instructions; }
};

struct Profile {
  ProfileChoice choice;
  std::vector<NodeProfile> nodes;  // in the file's order
  // Of all nodes.
  std::uint64_t vector_instructions = 0, scalar_instructions = 0, multiply_adds = 0;
  Time time;
  double half_rate = 0;          // the estimate, in us, if 8-bit multiply-adds took two cycles each
  std::size_t arena_bytes = 0;   // without packed weights
  std::size_t packed_bytes = 0;  // in RAM or in flash, as chosen
  std::size_t code_bytes = 0;    // of the vector kernels, which belong into internal RAM

  std::uint64_t instructions() const { return vector_instructions + scalar_instructions; }
  double multiply_adds_per_instruction() const;
  std::size_t ram_bytes() const;  // arena, packed weights if they lie there, and code
};

// Of one model. Throws Error, naming the node, for what the engine refuses.
Profile profile(std::span<const std::uint8_t> model, const ProfileChoice& choice = {});

}  // namespace mudra::sim
