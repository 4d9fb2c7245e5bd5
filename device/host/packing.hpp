// What the packings for all instruction sets share.
#pragma once

#include <cstdint>

#include "mudra/device/operation.hpp"

namespace mudra::device {

inline constexpr int kLanesInFile = 16;  // output channels of a block of int8 weights

// The bias with what rounding half up adds before the shift.
inline std::int32_t rounding_bias(const Convolution& convolution, int channel) {
  const auto* words = static_cast<const std::int32_t*>(convolution.bias);
  const std::int32_t bias = words == nullptr ? 0 : words[convolution.wide_bias ? 2 * channel : channel];
  return bias + (convolution.shift == 0 ? 0 : 1 << (convolution.shift - 1));
}

}  // namespace mudra::device
