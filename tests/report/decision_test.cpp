#include "mudra/report/decision.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace mudra::report {
namespace {

constexpr std::size_t kNone = 2;

// Of two gestures and none: right and sure, right and unsure, wrong and unsure, a gesture seen in nothing,
// and nothing seen in nothing and in a gesture.
const std::vector<JudgedPicture> kPictures = {{0, 0, 0.99}, {1, 1, 0.7},     {0, 1, 0.62},
                                              {2, 1, 0.85}, {2, kNone, 0.9}, {1, kNone, 0.95}};

void expect_shares(const Decided& decided, double right, double unknown, double wrong) {
  EXPECT_DOUBLE_EQ(decided.right, right / 6);
  EXPECT_DOUBLE_EQ(decided.unknown, unknown / 6);
  EXPECT_DOUBLE_EQ(decided.wrong, wrong / 6);
}

TEST(Decision, counts_what_is_shown_from_a_threshold_on) {
  expect_shares(decided_at(0, kPictures, kNone), 3, 1, 2);
  expect_shares(decided_at(0.7, kPictures, kNone), 3, 2, 1);  // from the threshold itself on
  expect_shares(decided_at(0.8, kPictures, kNone), 2, 3, 1);
  expect_shares(decided_at(1, kPictures, kNone), 2, 4, 0);  // nothing of a picture of none is right
}

TEST(Decision, of_a_network_without_none_shows_every_class) {
  expect_shares(decided_at(0, kPictures, std::nullopt), 3, 0, 3);
  expect_shares(decided_at(0.8, kPictures, std::nullopt), 2, 2, 2);
}

TEST(Decision, of_no_pictures_has_no_shares) { EXPECT_EQ(decided_at(0.5, {}, kNone).right, 0); }

TEST(Decision, the_threshold_is_the_least_that_shows_no_more_than_so_many_wrongly) {
  const auto threshold = [](double most_wrong) { return threshold_for(most_wrong, kPictures, kNone); };
  EXPECT_DOUBLE_EQ(threshold(1), kLeastThreshold);
  EXPECT_DOUBLE_EQ(threshold(2.0 / 6), kLeastThreshold);
  EXPECT_DOUBLE_EQ(threshold(1.0 / 6), 0.6201);
  EXPECT_DOUBLE_EQ(threshold(0.1), 0.8501);
  EXPECT_DOUBLE_EQ(threshold(0), 0.8501);
  for (const double most_wrong : {0.0, 0.1, 1.0 / 6, 0.2, 0.5})
    EXPECT_LE(decided_at(threshold(most_wrong), kPictures, kNone).wrong, most_wrong);
  EXPECT_DOUBLE_EQ(threshold_for(0, kPictures, std::nullopt), 0.9501);
}

TEST(Decision, a_network_that_is_surely_wrong_is_shown_as_late_as_can_be) {
  const std::vector<JudgedPicture> wrong = {{0, 1, 1.0}};
  EXPECT_DOUBLE_EQ(threshold_for(0, wrong, std::nullopt), kMostThreshold);
}

}  // namespace
}  // namespace mudra::report
