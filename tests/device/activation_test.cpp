#include "mudra/device/activation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

namespace mudra::device {
namespace {

using Float = std::numeric_limits<float>;

constexpr std::array kFunctions{Function::kLeakyRelu, Function::kElu,         Function::kSigmoid,
                                Function::kTanh,      Function::kHardSigmoid, Function::kHardSwish,
                                Function::kSwish};

TEST(Activation, no_number_stays_none) {
  for (const Function function : kFunctions)
    EXPECT_TRUE(std::isnan(value_of({function, 0.5F, 0.5F}, Float::quiet_NaN())))
        << static_cast<int>(function);
}

TEST(Activation, far_out_is_the_limit) {
  constexpr float kFar = Float::infinity();
  EXPECT_EQ(value_of({Function::kSigmoid}, kFar), 1.0F);
  EXPECT_NEAR(value_of({Function::kSigmoid}, -kFar), 0.0F, Float::min());
  EXPECT_EQ(value_of({Function::kTanh}, kFar), 1.0F);
  EXPECT_EQ(value_of({Function::kTanh}, -kFar), -1.0F);
  EXPECT_EQ(value_of({Function::kElu, 0.5F}, -kFar), -0.5F);
}

TEST(Activation, is_the_C_library_s_within_a_last_place) {
  const std::array<std::pair<Function, std::function<double(double)>>, 4> exact{{
      {Function::kElu, [](double x) { return x < 0 ? std::expm1(x) : x; }},
      {Function::kSigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
      {Function::kTanh, [](double x) { return std::tanh(x); }},
      {Function::kSwish, [](double x) { return x / (1 + std::exp(-x)); }},
  }};
  for (const auto& [function, value] : exact)
    for (float x = -20; x <= 20; x += 0.0137F) {
      const auto expected = static_cast<float>(value(double{x}));
      EXPECT_NEAR(value_of({function, 1}, x), expected, std::abs(expected) * Float::epsilon())
          << static_cast<int>(function) << " of " << x;
    }
}

}  // namespace
}  // namespace mudra::device
