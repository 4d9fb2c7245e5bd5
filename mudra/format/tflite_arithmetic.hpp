// The integer roundings of TensorFlow Lite's kernels (tensorflow/lite/kernels/internal/common.h,
// after gemmlowp's fixedpoint.h), where a real factor is a 32-bit fraction and a power of two.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mudra::format {

// fraction / 2^31 * 2^shift, fraction in [2^30, 2^31) or 0.
struct FixedFactor {
  std::int32_t fraction = 0;
  int shift = 0;
};

// QuantizeMultiplier. factor >= 0.
inline FixedFactor fixed_factor(double factor) {
  if (factor == 0) return {};
  int shift = 0;
  const double mantissa = std::frexp(factor, &shift);
  std::int64_t fraction = std::llround(mantissa * double{std::int64_t{1} << 31});
  if (fraction == std::int64_t{1} << 31) {
    fraction /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  if (shift > 30) return {std::numeric_limits<std::int32_t>::max(), 30};
  return {static_cast<std::int32_t>(fraction), shift};
}

// SaturatingRoundingDoublingHighMul: a * b / 2^31, to the nearest, halves upwards.
inline std::int32_t high_product(std::int32_t a, std::int32_t b) {
  constexpr std::int64_t kHalf = std::int64_t{1} << 30, kOne = std::int64_t{1} << 31;
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t rounded = (product + (product >= 0 ? kHalf : 1 - kHalf)) / kOne;
  return static_cast<std::int32_t>(std::min<std::int64_t>(rounded, std::numeric_limits<std::int32_t>::max()));
}

// Where halves go when a power of two is divided by: away from 0 in TensorFlow Lite's own kernels, upwards in
// ruy's, which make its convolutions and fully connected layers.
enum class Halves { kAwayFromZero, kUpwards };

// RoundingDivideByPOT: value / 2^exponent, rounded to the nearest; 0 <= exponent <= 31.
inline std::int32_t divided_by_power(std::int32_t value, int exponent, Halves halves) {
  const std::int64_t mask = (std::int64_t{1} << exponent) - 1, rest = value & mask;
  const bool half_goes_down = halves == Halves::kAwayFromZero && value < 0;
  const std::int64_t threshold = (mask >> 1) + (half_goes_down ? 1 : 0);
  return static_cast<std::int32_t>((std::int64_t{value} >> exponent) + (rest > threshold ? 1 : 0));
}

// MultiplyByQuantizedMultiplier, saturating where a shift to the left leaves 32 bits.
inline std::int32_t scaled(std::int32_t value, FixedFactor factor, Halves halves) {
  constexpr std::int64_t kLow = std::numeric_limits<std::int32_t>::min(),
                         kHigh = std::numeric_limits<std::int32_t>::max();
  const std::int64_t shifted =
      std::clamp(std::int64_t{value} * (std::int64_t{1} << std::max(factor.shift, 0)), kLow, kHigh);
  const std::int32_t product = high_product(static_cast<std::int32_t>(shifted), factor.fraction);
  return divided_by_power(product, std::max(-factor.shift, 0), halves);
}

}  // namespace mudra::format
