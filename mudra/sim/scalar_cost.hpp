// What the engine's C++ costs on the chip: instructions counted on an emulated Xtensa, kept as figures.
//
// They are renewed with bench/profile_figures.sh, which prints what it counts beside them.
#pragma once

#include <cstdint>

#include "mudra/device/operation.hpp"

namespace mudra::sim {

// How often an operation's kernel did what, for one picture.
struct Work {
  std::uint64_t products = 0;  // of a pool: the inputs of all windows
  std::uint64_t elements = 0;  // of the output
  std::uint64_t pixels = 0;    // of the output
  std::uint64_t rows = 0;      // of the output
  std::uint64_t tiles = 0;     // calls of its kernel
  std::uint64_t routines = 0;  // calls of a vector routine
};

// Instructions for one of each.
struct ScalarCost {
  double product = 0, element = 0, pixel = 0, row = 0, tile = 0, routine = 0;
};

constexpr double instructions(const ScalarCost& cost, const Work& work) {
  return cost.product * static_cast<double>(work.products) +
         cost.element * static_cast<double>(work.elements) + cost.pixel * static_cast<double>(work.pixels) +
         cost.row * static_cast<double>(work.rows) + cost.tile * static_cast<double>(work.tiles) +
         cost.routine * static_cast<double>(work.routines);
}

struct NamedCost {
  const char* name;  // "dense, 8 bits"
  ScalarCost cost;
};

// Of an operation computed by the portable kernels.
const NamedCost& portable_cost(const device::Operation& operation);
// Of the C++ around the routines of the kernel that s3::kernels() have for an operation.
const NamedCost& calling_cost(const device::Operation& operation);
// Of what the engine does around a kernel.
const NamedCost& engine_cost();

// Cycles of an instruction of compiled C++: loads that are waited for and taken branches are in it. Nobody
// has measured it for this engine; the range is that of a processor that issues one a cycle and loses two at
// a taken branch.
inline constexpr double kCyclesPerInstruction = 1.25, kFewestCycles = 1.0, kMostCycles = 1.6;

}  // namespace mudra::sim
