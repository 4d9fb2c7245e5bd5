#include "mudra/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace mudra {
namespace {

TEST(Random, streams_with_equal_keys_are_equal_and_others_differ) {
  EXPECT_EQ(Random(1, 2, 3).bits(), Random(1, 2, 3).bits());
  EXPECT_NE(Random(1, 2, 3).bits(), Random(1, 3, 2).bits());
  EXPECT_NE(Random(1, 2).bits(), Random(1, 2, 0).bits());
}

TEST(Random, uniform_stays_in_its_range_and_has_its_mean) {
  Random random(7);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const float value = random.uniform(2.0f, 4.0f);
    ASSERT_GE(value, 2.0f);
    ASSERT_LT(value, 4.0f);
    sum += value;
  }
  EXPECT_NEAR(sum / 100000, 3.0, 0.01);
}

TEST(Random, below_reaches_every_value) {
  Random random(1);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(random.below(7));
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Random, shuffle_is_a_permutation_that_depends_on_the_stream) {
  std::array<int, 50> a{}, b{};
  std::iota(a.begin(), a.end(), 0);
  b = a;
  shuffle(std::span<int>(a), Random(1));
  shuffle(std::span<int>(b), Random(2));
  EXPECT_NE(a, b);
  std::sort(a.begin(), a.end());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(a.at(static_cast<std::size_t>(i)), i);
}

}  // namespace
}  // namespace mudra
