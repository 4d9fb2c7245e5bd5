// Whether the kernels compute on this chip what the portable ones compute: before an engine relies on them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "mudra/device/s3/kernels.hpp"

namespace mudra::device::s3 {

inline constexpr std::size_t kSelfCheckBytes = 8 * 1024;

// Runs small operations of pseudo-random numbers and extremes, one or more for every routine, through both
// kinds of kernels: the first form that differs. `memory` begins at a multiple of kAlignment; what it holds
// afterwards has no meaning. kPortable: an operation found no room in it.
std::optional<Form> first_wrong_form(std::span<std::byte, kSelfCheckBytes> memory);

}  // namespace mudra::device::s3
