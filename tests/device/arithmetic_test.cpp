#include "mudra/device/arithmetic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mudra/base/random.hpp"

namespace mudra::device {
namespace {

TEST(Arithmetic, rounds_ties_up_also_below_zero) {
  EXPECT_EQ(round_shift(-1, 1), 0);
  EXPECT_EQ(round_shift(-3, 1), -1);
  EXPECT_EQ(round_shift(3, 1), 2);
  EXPECT_EQ(round_shift(-5, 0), -5);
  for (int value = -5000; value <= 5000; ++value)
    for (int shift = 0; shift < 16; ++shift)
      ASSERT_EQ(round_shift(value, shift), std::floor(std::ldexp(value, -shift) + 0.5))
          << value << " " << shift;
}

TEST(Arithmetic, rounds_the_extreme_values_of_a_register) {
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  EXPECT_EQ(round_shift(kMost, 1), 1 << 30);
  EXPECT_EQ(round_shift(kMost, 31), 1);
  EXPECT_EQ(round_shift(std::numeric_limits<std::int32_t>::min(), 31), -1);
}

TEST(Arithmetic, saturates_at_the_limits_of_each_width) {
  EXPECT_EQ(saturate<std::int8_t>(128), 127);
  EXPECT_EQ(saturate<std::int8_t>(-129), -128);
  EXPECT_EQ(saturate<std::int16_t>(std::int64_t{1} << 40), 32767);
  EXPECT_EQ(saturate_bits(524288, 20), 524287);
  EXPECT_EQ(saturate_bits(-524289, 20), -524288);
  EXPECT_EQ(saturate_bits(std::int64_t{1} << 39, 40), (std::int64_t{1} << 39) - 1);
  EXPECT_EQ(saturate_bits(-7, 20), -7);
}

TEST(Arithmetic, wraps_a_bias_that_does_not_fit_a_lane) {
  EXPECT_EQ(wrap_bits(524287, 20), 524287);
  EXPECT_EQ(wrap_bits(524288, 20), -524288);
  EXPECT_EQ(wrap_bits(-524289, 20), 524287);
  EXPECT_EQ(wrap_bits(1'048'576 + 5, 20), 5);
  EXPECT_EQ(wrap_bits(-1, 40), -1);
}

TEST(Arithmetic, an_accumulator_sticks_at_its_limit_and_comes_back) {
  std::int64_t sum = 524'280;
  sum = accumulate(sum, 100, 20);
  EXPECT_EQ(sum, 524287);
  EXPECT_EQ(accumulate(sum, -100, 20), 524187);
}

TEST(Arithmetic, converts_between_exponents_as_the_chip_does_in_float) {
  for (int value = -32768; value <= 32767; value += 7)
    for (int shift = -20; shift <= 40; ++shift) {
      const double exact = std::floor(std::ldexp(value, -shift) + 0.5);
      ASSERT_EQ(convert<std::int8_t>(value, shift), std::clamp(exact, -128.0, 127.0))
          << value << " " << shift;
      ASSERT_EQ(convert<std::int16_t>(value, shift), std::clamp(exact, -32768.0, 32767.0))
          << value << " " << shift;
    }
}

TEST(Arithmetic, counts_the_channels_in_lanes) {
  EXPECT_EQ(Accumulators<std::int8_t>::lane_channels(24), 16);
  EXPECT_EQ(Accumulators<std::int8_t>::lane_channels(8), 0);
  EXPECT_EQ(Accumulators<std::int16_t>::lane_channels(12), 8);
}

TEST(Arithmetic, adds_and_clips_within_the_type) {
  EXPECT_EQ(add<std::int8_t>(100, 100), 127);
  EXPECT_EQ(add<std::int16_t>(-30000, -30000), -32768);
  EXPECT_EQ(clip<std::int8_t>(100, 0, 96), 96);
  EXPECT_EQ(clip<std::int8_t>(-3, 0, 96), 0);
  EXPECT_EQ(relu<std::int8_t>(-3), 0);
}

// What the chip does, in float.
template <typename Integer>
Integer average_in_float(std::int64_t sum, std::int32_t area, int shift) {
  const float product = static_cast<float>(sum) * (1.0f / static_cast<float>(area));
  const float rounded = std::floor(std::ldexp(product, -shift) + 0.5f);
  return static_cast<Integer>(std::clamp(rounded, static_cast<float>(std::numeric_limits<Integer>::min()),
                                         static_cast<float>(std::numeric_limits<Integer>::max())));
}

TEST(Arithmetic, averages_as_the_chip_does_in_float_for_every_sum) {
  for (const std::int32_t area : {1, 2, 3, 7, 9, 13, 14, 25, 36, 49, 81, 144, 576})
    for (int shift = -4; shift <= 4; ++shift)
      for (std::int64_t sum = -128 * area; sum <= 127 * area; ++sum)
        ASSERT_EQ(average<std::int8_t>(sum, reciprocal(area), shift),
                  average_in_float<std::int8_t>(sum, area, shift))
            << sum << " / " << area << " shift " << shift;
}

TEST(Arithmetic, averages_of_any_area_are_the_chips) {
  Random random(7);
  for (int i = 0; i < 200'000; ++i) {
    const auto area = static_cast<std::int32_t>(1 + random.below(kMaxPoolArea));
    const auto sum = static_cast<std::int64_t>(random.below(65536) * std::uint64_t{random.below(area) + 1}) -
                     std::int64_t{32768} * area / 2;
    const int shift = static_cast<int>(random.below(41)) - 20;
    ASSERT_EQ(average<std::int16_t>(sum, reciprocal(area), shift),
              average_in_float<std::int16_t>(sum, area, shift))
        << sum << " / " << area << " shift " << shift;
  }
}

TEST(Arithmetic, averages_of_the_usual_areas_are_exact_quotients_rounded_half_up) {
  for (const std::int32_t area : {36, 144, 576})
    for (int left = 0; left <= 3; ++left)
      for (std::int64_t sum = -128 * area; sum <= 127 * area; ++sum) {
        const double exact = std::floor((2.0 * static_cast<double>(sum << left) + area) / (2.0 * area));
        ASSERT_EQ(average<std::int8_t>(sum, reciprocal(area), -left), std::clamp(exact, -128.0, 127.0));
      }
}

}  // namespace
}  // namespace mudra::device
