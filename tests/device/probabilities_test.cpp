#include "mudra/device/probabilities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mudra/base/random.hpp"

namespace mudra::device {
namespace {

template <typename Integer>
std::vector<Probability> of(const std::vector<Integer>& scores, int exponent) {
  std::vector<Probability> result(scores.size());
  EXPECT_EQ(probabilities(std::as_bytes(std::span(scores)), Width{sizeof(Integer)}, exponent, result),
            Status::kOk);
  return result;
}

template <typename Integer>
std::vector<double> exact(const std::vector<Integer>& scores, int exponent) {
  const double most = std::ldexp(*std::ranges::max_element(scores), exponent);
  std::vector<double> result;
  double sum = 0;
  for (const Integer score : scores) sum += result.emplace_back(std::exp(std::ldexp(score, exponent) - most));
  for (double& value : result) value /= sum;
  return result;
}

template <typename Integer>
void expect_softmax(const std::vector<Integer>& scores, int exponent) {
  const auto got = of(scores, exponent);
  const auto want = exact(scores, exponent);
  for (std::size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(std::ldexp(got[i], -30), want[i], std::ldexp(1.0, -25)) << "exponent " << exponent;
}

TEST(Probabilities, are_softmax_for_any_scores_and_exponent) {
  Random random(5);
  for (int exponent = -20; exponent <= 16; ++exponent)
    for (int k = 0; k < 20; ++k) {
      std::vector<std::int8_t> narrow(1 + random.below(kMaxClasses));
      for (auto& score : narrow) score = static_cast<std::int8_t>(random.bits());
      expect_softmax(narrow, exponent);
      std::vector<std::int16_t> wide(1 + random.below(kMaxClasses));
      for (auto& score : wide) score = static_cast<std::int16_t>(random.bits());
      expect_softmax(wide, exponent);
    }
}

TEST(Probabilities, of_equal_scores_are_equal_whatever_the_exponent) {
  for (const int exponent : {-100, -7, 0, 31, 100})
    EXPECT_THAT(of<std::int8_t>({5, 5, 5, 5}, exponent), testing::Each(kCertain / 4)) << exponent;
}

TEST(Probabilities, are_certain_of_an_only_class_and_of_a_far_better_one) {
  EXPECT_THAT(of<std::int8_t>({-128}, -7), testing::ElementsAre(kCertain));
  EXPECT_THAT(of<std::int16_t>({-32768, 32767}, 0), testing::ElementsAre(0u, kCertain));
}

TEST(Probabilities, are_refused_for_no_classes_for_too_many_and_for_another_number_of_results) {
  const std::vector<std::byte> scores(kMaxClasses + 1);
  std::vector<Probability> out(kMaxClasses + 1);
  EXPECT_EQ(probabilities({}, Width::kInt8, 0, {}), Status::kBadSize);
  EXPECT_EQ(probabilities(scores, Width::kInt8, 0, out), Status::kBadSize);
  EXPECT_EQ(probabilities(std::span(scores).first(3), Width::kInt8, 0, std::span(out).first(4)),
            Status::kBadSize);
}

TEST(Probabilities, are_rounded_half_up_to_hundredths_of_a_percent) {
  EXPECT_EQ(hundredths_of_percent(kCertain), 10000);
  EXPECT_EQ(hundredths_of_percent(0), 0);
  EXPECT_EQ(hundredths_of_percent(kCertain / 16), 625);
  EXPECT_EQ(hundredths_of_percent(kCertain / 32), 313);  // 312.5
  for (int hundredths = 0; hundredths <= 10000; ++hundredths)
    ASSERT_EQ(hundredths_of_percent(probability_of(hundredths)), hundredths);
}

}  // namespace
}  // namespace mudra::device
