#include "mudra/device/activation.hpp"

namespace mudra::device {
namespace {

// e^x within 1e-15 of it: 2^k * e^r with |r| <= ln(2) / 2, and e^r by its series; of no number, that.
double exponential(double x) {
  if (x != x) return x;
  constexpr double kLog2E = 1.4426950408889634, kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;
  constexpr double kFarthest = 700;  // beyond it no result differs in a float
  constexpr int kTerms = 14;
  const double bounded = x < -kFarthest ? -kFarthest : x > kFarthest ? kFarthest : x;
  const double scaled = bounded * kLog2E;
  const auto nearest_power = static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const double k = nearest_power;
  const double r = bounded - k * kLn2High - k * kLn2Low;
  double sum = 1;
  for (int i = kTerms; i > 0; --i) sum = 1 + sum * r / i;
  return sum * power_of_two(nearest_power);
}

float sigmoid(double x) { return static_cast<float>(1 / (1 + exponential(-x))); }

float within_one(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

}  // namespace

float value_of(const Activation& activation, float x) {
  constexpr double kSmall = 1e-4;  // below it the series of e^x - 1 loses less than the difference
  switch (activation.function) {
    case Function::kLeakyRelu:
      return x < 0 ? activation.alpha * x : x;
    case Function::kElu: {
      if (x >= 0) return x;
      const auto wide = static_cast<double>(x);
      const double less = wide > -kSmall ? wide + wide * wide / 2 : exponential(wide) - 1;
      return activation.alpha * static_cast<float>(less);
    }
    case Function::kSigmoid:
      return sigmoid(static_cast<double>(x));
    case Function::kTanh: {
      const auto wide = static_cast<double>(x);
      if (wide < kSmall && wide > -kSmall) return x;
      return static_cast<float>(2 / (1 + exponential(-2 * wide)) - 1);
    }
    case Function::kHardSigmoid:
      return within_one(activation.alpha * x + activation.beta);
    case Function::kHardSwish:
      return within_one(x * (1.0F / 6) + 0.5F) * x;
    case Function::kSwish:
      return sigmoid(static_cast<double>(x)) * x;
  }
  return x;
}

}  // namespace mudra::device
