#include "mudra/report/confusion.hpp"

#include <gtest/gtest.h>

namespace mudra::report {
namespace {

// Row by row: what was shown, columns: what was said.
ConfusionMatrix matrix_of(const std::vector<std::vector<int>>& rows) {
  ConfusionMatrix matrix(rows.size());
  for (std::size_t actual = 0; actual < rows.size(); ++actual)
    for (std::size_t predicted = 0; predicted < rows.size(); ++predicted)
      for (int i = 0; i < rows[actual][predicted]; ++i) matrix.add(actual, predicted);
  return matrix;
}

TEST(Confusion, scores_of_a_class_are_those_computed_by_hand) {
  const auto matrix = matrix_of({{6, 2, 0}, {1, 3, 1}, {0, 0, 7}});
  const ClassScores first = scores_of(matrix, 0), second = scores_of(matrix, 1);
  EXPECT_DOUBLE_EQ(first.precision.value(), 6.0 / 7);
  EXPECT_DOUBLE_EQ(first.recall.value(), 6.0 / 8);
  EXPECT_DOUBLE_EQ(first.f1.value(), 12.0 / 15);
  EXPECT_EQ(first.support, 8);
  EXPECT_DOUBLE_EQ(second.precision.value(), 3.0 / 5);
  EXPECT_DOUBLE_EQ(second.recall.value(), 3.0 / 5);
  EXPECT_DOUBLE_EQ(second.f1.value(), 3.0 / 5);
  EXPECT_EQ(images_of(matrix), 20);
  EXPECT_DOUBLE_EQ(accuracy_of(matrix).value(), 16.0 / 20);
}

TEST(Confusion, a_class_without_images_that_was_never_said_has_no_scores) {
  const ClassScores scores = scores_of(matrix_of({{4, 0}, {0, 0}}), 1);
  EXPECT_FALSE(scores.precision.has_value());
  EXPECT_FALSE(scores.recall.has_value());
  EXPECT_FALSE(scores.f1.has_value());
  EXPECT_EQ(scores.support, 0);
}

TEST(Confusion, a_class_without_images_that_was_said_has_precision_zero_and_no_recall) {
  const ClassScores scores = scores_of(matrix_of({{3, 1}, {0, 0}}), 1);
  EXPECT_EQ(scores.precision, 0.0);
  EXPECT_FALSE(scores.recall.has_value());
  EXPECT_EQ(scores.f1, 0.0);
}

TEST(Confusion, a_class_that_was_never_said_has_recall_zero_and_no_precision) {
  const ClassScores scores = scores_of(matrix_of({{3, 0}, {2, 0}}), 1);
  EXPECT_FALSE(scores.precision.has_value());
  EXPECT_EQ(scores.recall, 0.0);
  EXPECT_EQ(scores.f1, 0.0);
}

TEST(Confusion, without_images_there_is_no_accuracy) {
  EXPECT_FALSE(accuracy_of(ConfusionMatrix(3)).has_value());
}

}  // namespace
}  // namespace mudra::report
