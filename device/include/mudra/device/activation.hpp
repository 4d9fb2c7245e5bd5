// Activations that are no bounds: what they are as functions, and what they make of integers. Computed in
// float32 as ESP-DL does element by element, and by tables of its results.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "mudra/device/arithmetic.hpp"

namespace mudra::device {

// Of each value x.
enum class Function : std::uint8_t {
  kLeakyRelu,    // x, below zero alpha * x
  kElu,          // x, below zero alpha * (e^x - 1)
  kSigmoid,      // 1 / (1 + e^-x)
  kTanh,         //
  kHardSigmoid,  // alpha * x + beta within [0, 1]
  kHardSwish,    // x * (x / 6 + 0.5 within [0, 1])
  kSwish,        // x * Sigmoid(x)
};

struct Activation {
  Function function = Function::kLeakyRelu;
  float alpha = 0, beta = 0;
  bool operator==(const Activation&) const = default;
};

// The same float on every processor: no libm, whose last bits differ.
float value_of(const Activation& activation, float x);

// 2^exponent, |exponent| <= 1022.
constexpr double power_of_two(int exponent) {
  constexpr int kBias = 1023, kMantissaBits = 52;
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + kBias) << kMantissaBits);
}

// floor(value + 1/2), saturated.
template <TensorInteger Integer>
constexpr Integer nearest(double value) {
  constexpr double kLeast = std::numeric_limits<Integer>::min(), kMost = std::numeric_limits<Integer>::max();
  const double raised = value + 0.5;
  if (!(raised > kLeast)) return std::numeric_limits<Integer>::min();
  if (raised >= kMost) return std::numeric_limits<Integer>::max();
  const auto towards_zero = static_cast<std::int32_t>(raised);
  return static_cast<Integer>(towards_zero - (static_cast<double>(towards_zero) > raised ? 1 : 0));
}

// The output at 2^out_exponent for input x at 2^in_exponent.
template <TensorInteger Integer>
Integer activated(const Activation& activation, std::int32_t x, int in_exponent, int out_exponent) {
  const auto input = static_cast<float>(x * power_of_two(in_exponent));
  return nearest<Integer>(static_cast<double>(value_of(activation, input)) * power_of_two(-out_exponent));
}

// x, below zero slope * x: exponents as Conv's for the product, `shift` = output's - input's - slope's, 0 to
// kMaxShift; x itself is converted by `own_shift` = output's - input's.
template <TensorInteger Integer>
constexpr Integer prelu(Integer x, Integer slope, int shift, int own_shift) {
  if (x >= 0) return convert<Integer>(x, own_shift);
  return requantize<Integer>(std::int64_t{x} * slope, shift);
}

// `shift` = output exponent - both inputs' exponents, 0 to kMaxShift.
template <TensorInteger Integer>
constexpr Integer multiply(Integer a, Integer b, int shift) {
  return requantize<Integer>(std::int64_t{a} * b, shift);
}

}  // namespace mudra::device
