// From real numbers to the integers a network is made of.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "mudra/device/arithmetic.hpp"

namespace mudra::quant {

// Activations and weights are of 8 or 16 bits.
inline constexpr int kNarrow = 8, kWide = 16;

// Exponents that tensors may get; beyond them shifts and floats would not be exact.
inline constexpr int kLeastExponent = -40, kMostExponent = 30;

// floor(value / 2^exponent + 1/2), computed in float32 as the reference quantizer does, within `bits`
// (at most 62).
inline std::int64_t nearest_integer(float value, int exponent, int bits) {
  const float rounded = std::floor(std::ldexp(value, -exponent) + 0.5f);
  constexpr float kHuge = 0x1p62f;
  return device::saturate_bits(static_cast<std::int64_t>(std::clamp(rounded, -kHuge, kHuge)), bits);
}

template <typename Integer>
std::vector<Integer> nearest_integers(const std::vector<float>& values, int exponent,
                                      int bits = std::numeric_limits<Integer>::digits + 1) {
  std::vector<Integer> integers(values.size());
  std::ranges::transform(values, integers.begin(), [&](float value) {
    return static_cast<Integer>(nearest_integer(value, exponent, bits));
  });
  return integers;
}

// The real numbers that stand for `values` after rounding.
inline std::vector<float> rounded_values(std::vector<float> values, int exponent, int bits) {
  for (float& value : values)
    value = std::ldexp(static_cast<float>(nearest_integer(value, exponent, bits)), exponent);
  return values;
}

}  // namespace mudra::quant
