#include "mudra/quant/exponent_choice.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

TEST(NearestInteger, rounds_ties_up_and_stays_within_its_bits) {
  EXPECT_EQ(nearest_integer(2.5f, 0, 8), 3);
  EXPECT_EQ(nearest_integer(-2.5f, 0, 8), -2);
  EXPECT_EQ(nearest_integer(0.75f, -1, 8), 2);
  EXPECT_EQ(nearest_integer(1e9f, 0, 8), 127);
  EXPECT_EQ(nearest_integer(-1e9f, 0, 8), -128);
  EXPECT_EQ(nearest_integer(1e30f, 0, 40), (std::int64_t{1} << 39) - 1);
}

TEST(CoveringExponent, is_the_least_that_clips_no_more_than_half_a_step) {
  EXPECT_EQ(covering_exponent({0, 6}, 8), -4);
  EXPECT_EQ(covering_exponent({0, 1}, 8), -6);
  EXPECT_EQ(covering_exponent({-127.5f, 3}, 8), 0);
  EXPECT_EQ(covering_exponent({-127.6f, 3}, 8), 1);
  EXPECT_EQ(covering_exponent({0, 6}, 16), -12);
}

TEST(PercentileInterval, leaves_out_a_ten_thousandth_at_either_end) {
  std::vector<float> values(20000);  // 20000 * (1 - 0.9999) is a little less than 2
  std::iota(values.begin(), values.end(), -10000.0f);
  std::ranges::reverse(values);
  EXPECT_EQ(percentile_interval(values), (Interval{-9999, 9998}));
  std::vector<float> few{3, -2, 7};
  EXPECT_EQ(percentile_interval(few), (Interval{-2, 7}));
  std::vector<float> positive{3, 7};
  EXPECT_EQ(percentile_interval(positive), (Interval{0, 7}));
}

Histogram histogram_of(float range, std::size_t filled_bins) {
  Histogram histogram{range, std::vector<std::int64_t>(histogram_bins(8), 0)};
  for (std::size_t i = 0; i < filled_bins; ++i) histogram.counts[i] = 100;
  return histogram;
}

TEST(KlExponent, keeps_the_range_of_an_even_histogram) {
  EXPECT_EQ(kl_exponent(histogram_of(8, 4096), 8), -4);
  EXPECT_EQ(kl_exponent(histogram_of(1, 4096), 8), -7);
}

TEST(KlExponent, rounds_the_scale_of_6_up_and_that_of_5_point_6_down) {
  EXPECT_EQ(kl_exponent(histogram_of(6.0f, 4096), 8), -4);
  EXPECT_EQ(kl_exponent(histogram_of(5.6f, 4096), 8), -5);
}

TEST(MseExponent, clips_a_few_values_to_resolve_the_others) {
  Histogram histogram = histogram_of(8, 1024);
  for (std::int64_t& count : histogram.counts) count *= 100;
  EXPECT_EQ(mse_exponent(histogram, 8), -6);
  histogram.counts.back() = 1;
  EXPECT_EQ(mse_exponent(histogram, 8), -6);
  histogram.counts.back() = 100000;
  EXPECT_EQ(mse_exponent(histogram, 8), -4);
}

}  // namespace
}  // namespace mudra::quant
