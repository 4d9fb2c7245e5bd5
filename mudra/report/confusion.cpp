#include "mudra/report/confusion.hpp"

namespace mudra::report {
namespace {

std::optional<double> share(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

ClassScores scores_of(const ConfusionMatrix& matrix, std::size_t class_index) {
  std::int64_t actual = 0, predicted = 0;
  for (std::size_t other = 0; other < matrix.classes(); ++other) {
    actual += matrix.count(class_index, other);
    predicted += matrix.count(other, class_index);
  }
  const std::int64_t hits = matrix.count(class_index, class_index);
  return {.precision = share(hits, predicted),
          .recall = share(hits, actual),
          .f1 = share(2 * hits, predicted + actual),
          .support = actual};
}

std::int64_t images_of(const ConfusionMatrix& matrix) {
  std::int64_t images = 0;
  for (std::size_t c = 0; c < matrix.classes(); ++c) images += scores_of(matrix, c).support;
  return images;
}

std::optional<double> accuracy_of(const ConfusionMatrix& matrix) {
  std::int64_t hits = 0;
  for (std::size_t c = 0; c < matrix.classes(); ++c) hits += matrix.count(c, c);
  return share(hits, images_of(matrix));
}

}  // namespace mudra::report
