#include "mudra/data/hand_math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

TEST(HandMath, sine_and_cosine_are_within_their_stated_error) {
  for (float degrees = -1000; degrees <= 1000; degrees += 0.37f) {
    const double radians = static_cast<double>(degrees) * std::numbers::pi / 180;
    ASSERT_NEAR(sine(degrees), std::sin(radians), 3e-7) << degrees;
    ASSERT_NEAR(cosine(degrees), std::cos(radians), 2e-6) << degrees;
  }
}

TEST(HandMath, power_of_two_is_within_its_stated_error) {
  for (float x = -20; x <= 20; x += 0.013f)
    ASSERT_NEAR(power_of_two(x) / std::exp2(static_cast<double>(x)), 1, 3e-7) << x;
}

struct Moments {
  double mean = 0, spread = 0;
};

template <typename Draw>
Moments moments(Draw draw) {
  constexpr int kCount = 20000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = draw(static_cast<std::uint64_t>(i));
    sum += value, squares += value * value;
  }
  const double mean = sum / kCount;
  return {mean, std::sqrt(squares / kCount - mean * mean)};
}

TEST(Variation, has_the_stated_distribution_over_many_people) {
  const auto normals =
      moments([](std::uint64_t i) { return Variation(Random(1, i), Random(2, i)).normal(3, 2); });
  EXPECT_NEAR(normals.mean, 3, 0.06);
  EXPECT_NEAR(normals.spread, 2, 0.06);
  const auto uniforms =
      moments([](std::uint64_t i) { return Variation(Random(1, i), Random(2, i)).uniform(2, 8); });
  EXPECT_NEAR(uniforms.mean, 5, 0.06);
  EXPECT_NEAR(uniforms.spread, 6 / std::sqrt(12.0), 0.06);
  const auto chances =
      moments([](std::uint64_t i) { return Variation(Random(1, i), Random(2, i)).chance(0.3f); });
  EXPECT_NEAR(chances.mean, 0.3, 0.02);
}

TEST(Variation, of_one_person_is_narrower_than_between_people) {
  const auto frames =
      moments([](std::uint64_t i) { return Variation(Random(1), Random(2, i)).normal(0, 1); });
  EXPECT_NEAR(frames.spread, 0.6, 0.03);
}

TEST(Variation, without_spread_gives_means_and_likelier_sides) {
  Variation none(Random(1), Random(2), 0.0f);
  EXPECT_EQ(none.normal(3, 2), 3.0f);
  EXPECT_EQ(none.uniform(2, 8), 5.0f);
  EXPECT_TRUE(none.chance(0.7f));
  EXPECT_FALSE(none.chance(0.3f));
}

}  // namespace
}  // namespace mudra::data
