// What is shown of single pictures: the class that a network says, once it is likely enough, but never
// `none`; and how often that is right.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace mudra::report {

// What a network says of a picture whose class is known.
struct JudgedPicture {
  std::size_t actual = 0, said = 0;
  double probability = 0;  // of the class that is said
};

// Shares of pictures, which add up to 1; zeros of none.
struct Decided {
  double right = 0;    // the picture's class is shown, or nothing of a picture of `none`
  double unknown = 0;  // nothing is shown of a gesture
  double wrong = 0;    // another class is shown
};

// Where classes are shown from `threshold` on; `none` is the place of that class, if there is one.
Decided decided_at(double threshold, std::span<const JudgedPicture> pictures,
                   std::optional<std::size_t> none);

// Thresholds that tables of decisions have.
inline constexpr double kThresholds[] = {0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99};

// The least threshold of at least kLeastThreshold, a multiple of 0.0001, from which on at most the share
// `most_wrong` is decided wrongly; kMostThreshold where none below it does.
inline constexpr double kLeastThreshold = 0.6, kMostThreshold = 0.9999;
double threshold_for(double most_wrong, std::span<const JudgedPicture> pictures,
                     std::optional<std::size_t> none);

}  // namespace mudra::report
