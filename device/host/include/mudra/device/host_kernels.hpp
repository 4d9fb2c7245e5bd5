// Kernels for the PC, in SIMD of whatever the processor offers: the same integers as the portable ones.
#pragma once

#include <vector>

#include "mudra/device/kernels.hpp"

namespace mudra::device {

// What SIMD does not cover (int16, sums that may saturate, unusual windows) is left to the portable kernels.
// Weights are packed, so that an arena is larger by about their size, and work goes by whole rows.
const Kernels& host_kernels();

// Of the instruction set in use, such as "AVX3_DL".
const char* host_kernels_target();

// The same for every instruction set that this processor has, the best one first.
struct HostTarget {
  const char* name;
  Kernels kernels;
};
const std::vector<HostTarget>& all_host_kernels();

}  // namespace mudra::device
