#include "mudra/device/smoothing.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace mudra::device {
namespace {

// Of three classes, the first with `percent`, the rest shared by the others.
std::array<Probability, 3> picture(int percent) {
  const Probability first = probability_of(100 * percent);
  return {first, (kCertain - first) / 2, (kCertain - first) / 2};
}

constexpr SmoothingRule kAtOnce{.pictures = 1, .enter = probability_of(8000), .leave = probability_of(6000)};
constexpr SmoothingRule kOverFour{
    .pictures = 4, .enter = probability_of(8000), .leave = probability_of(6000)};

std::vector<int> shown(const SmoothingRule& rule, const std::vector<int>& percents) {
  Smoothing smoothing;
  smoothing.begin(rule, 3);
  std::vector<int> result;
  for (const int percent : percents) result.push_back(smoothing.push(picture(percent)));
  return result;
}

TEST(Smoothing, shows_none_while_no_class_is_likely_enough) {
  EXPECT_EQ(shown(kAtOnce, {34, 79}), (std::vector{kNoClass, kNoClass}));
}

TEST(Smoothing, shows_a_class_from_the_upper_threshold_on_until_below_the_lower_one) {
  EXPECT_EQ(shown(kAtOnce, {79, 81, 70, 61, 59, 70, 81}),
            (std::vector{kNoClass, 0, 0, 0, kNoClass, kNoClass, 0}));
}

TEST(Smoothing, counts_the_first_picture_as_if_all_before_had_been_like_it) {
  EXPECT_EQ(shown(kOverFour, {90}), (std::vector{0}));
}

TEST(Smoothing, forgets_one_odd_picture_and_follows_a_lasting_change) {
  EXPECT_EQ(shown(kOverFour, {100, 0, 100, 100}), (std::vector{0, 0, 0, 0}));
  EXPECT_EQ(shown(kOverFour, {100, 0, 0, 0}), (std::vector{0, 0, kNoClass, kNoClass}));
}

TEST(Smoothing, moves_by_its_share_with_each_picture) {
  Smoothing smoothing;
  smoothing.begin(kOverFour, 3);
  smoothing.push(picture(100));
  smoothing.push(picture(0));
  EXPECT_EQ(smoothing.smoothed()[0], kCertain / 4 * 3);
  EXPECT_EQ(smoothing.smoothed()[1], kCertain / 8);
}

TEST(Smoothing, goes_from_one_class_to_another_once_that_is_likely_enough) {
  Smoothing smoothing;
  smoothing.begin(kAtOnce, 3);
  EXPECT_EQ(smoothing.push(picture(90)), 0);
  EXPECT_EQ(smoothing.push(std::array<Probability, 3>{0, probability_of(9000), probability_of(1000)}), 1);
  EXPECT_EQ(smoothing.shown(), 1);
}

TEST(Smoothing, never_shows_the_class_that_means_none_of_the_others) {
  Smoothing smoothing;
  smoothing.begin(kAtOnce, 3, 0);
  EXPECT_EQ(smoothing.push(picture(90)), kNoClass);
  EXPECT_EQ(smoothing.push(std::array<Probability, 3>{0, probability_of(9000), probability_of(1000)}), 1);
  EXPECT_EQ(smoothing.push(picture(90)), kNoClass);
}

TEST(SmoothingRule, is_read_from_texts_each_of_which_may_be_missing) {
  SmoothingRule rule;
  ASSERT_TRUE(read_smoothing_rule("", "", "", rule));
  EXPECT_EQ(rule, SmoothingRule{});
  ASSERT_TRUE(read_smoothing_rule("1", "92.50", "50.00", rule));
  EXPECT_EQ(rule,
            (SmoothingRule{.pictures = 1, .enter = probability_of(9250), .leave = probability_of(5000)}));
  ASSERT_TRUE(read_smoothing_rule("100", "100.00", "", rule));
  EXPECT_EQ(rule, (SmoothingRule{.pictures = 100, .enter = kCertain, .leave = probability_of(5000)}));
}

TEST(SmoothingRule, damaged_texts_leave_it_as_it_was) {
  SmoothingRule rule;
  const std::array<std::array<const char*, 3>, 16> damaged = {{{"0", "", ""},
                                                               {"101", "", ""},
                                                               {"-4", "", ""},
                                                               {"4 ", "", ""},
                                                               {"99999999999999999999", "", ""},
                                                               {"", "50.00", ""},
                                                               {"", "100.01", ""},
                                                               {"", "80", ""},
                                                               {"", "80.0", ""},
                                                               {"", "80 %", ""},
                                                               {"", "-80.00", ""},
                                                               {"", "nan", ""},
                                                               {"", "99999999.00", ""},
                                                               {"", "", "80.01"},
                                                               {"", "", "0.00"},
                                                               {"", "59.99", ""}}};  // below leave
  for (const auto& [pictures, enter, leave] : damaged) {
    EXPECT_FALSE(read_smoothing_rule(pictures, enter, leave, rule))
        << pictures << ' ' << enter << ' ' << leave;
    EXPECT_EQ(rule, SmoothingRule{});
  }
}

TEST(Smoothing, begins_anew_without_memory_of_earlier_pictures) {
  Smoothing smoothing;
  smoothing.begin(kOverFour, 3);
  smoothing.push(picture(100));
  smoothing.begin(kOverFour, 3);
  EXPECT_EQ(smoothing.shown(), kNoClass);
  EXPECT_EQ(smoothing.push(picture(40)), kNoClass);
  EXPECT_EQ(smoothing.smoothed()[0], probability_of(4000));
}

}  // namespace
}  // namespace mudra::device
