// How often each class was taken for each other one, and the figures that follow from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mudra::report {

class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::size_t classes) : classes_(classes), counts_(classes * classes, 0) {}

  void add(std::size_t actual, std::size_t predicted) { ++counts_[actual * classes_ + predicted]; }

  std::size_t classes() const { return classes_; }
  std::int64_t count(std::size_t actual, std::size_t predicted) const {
    return counts_[actual * classes_ + predicted];
  }

 private:
  std::size_t classes_;
  std::vector<std::int64_t> counts_;  // [actual, predicted]
};

// Shares from 0 to 1; empty where there is nothing to divide by.
struct ClassScores {
  std::optional<double> precision;  // of the images said to be of the class, those that are
  std::optional<double> recall;     // of the images of the class, those said to be
  std::optional<double> f1;         // 2 hits / (images said to be + images that are)
  std::int64_t support = 0;         // images of the class
};

ClassScores scores_of(const ConfusionMatrix& matrix, std::size_t class_index);

std::int64_t images_of(const ConfusionMatrix& matrix);

// The share of images whose class was recognised; empty without images.
std::optional<double> accuracy_of(const ConfusionMatrix& matrix);

}  // namespace mudra::report
