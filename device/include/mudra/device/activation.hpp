// Activations that are no bounds: what they are as functions, and what they make of integers. Computed in
// float32 as ESP-DL does element by element, and by tables of its results.
#pragma once

#include <cmath>
#include <cstdint>

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

// floor(value + 1/2), saturated.
template <TensorInteger Integer>
Integer nearest(float value) {
  constexpr double kLeast = std::numeric_limits<Integer>::min(), kMost = std::numeric_limits<Integer>::max();
  const double rounded = std::floor(static_cast<double>(value) + 0.5);
  return static_cast<Integer>(rounded < kLeast ? kLeast : rounded > kMost ? kMost : rounded);
}

// The output at 2^out_exponent for input x at 2^in_exponent.
template <TensorInteger Integer>
Integer activated(const Activation& activation, std::int32_t x, int in_exponent, int out_exponent) {
  const float input = std::ldexp(static_cast<float>(x), in_exponent);
  return nearest<Integer>(std::ldexp(value_of(activation, input), -out_exponent));
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
