// How far a data set repeats itself: exact copies, and test pictures that have a near-copy in training.
#pragma once

#include <cstddef>

#include "mudra/data/dataset.hpp"
#include "mudra/data/split.hpp"

namespace mudra::data {

struct Duplicates {
  std::size_t copies = 0;       // pictures equal to an earlier one, pixel by pixel
  std::size_t originals = 0;    // pictures that have copies
  std::size_t conflicting = 0;  // copies whose label differs from their original's
};

Duplicates find_duplicates(const Dataset& dataset);

// Consecutive frames of a recording differ by half a gray level on average; two hands held alike by different
// people by many.
inline constexpr double kNearDuplicateLevels = 2.0;

struct Leakage {
  std::size_t tested = 0;  // test pictures
  std::size_t leaked = 0;  // of them, those with a training picture no further away than `levels`

  double share() const { return tested == 0 ? 0 : static_cast<double>(leaked) / static_cast<double>(tested); }
};

// The leak of a split: how many test pictures have a training picture within a mean absolute difference of
// `levels` gray levels. Exact, on all threads. Throws Error{kInterrupted} on Ctrl-C.
Leakage measure_leakage(const Dataset& dataset, const Split& split, double levels = kNearDuplicateLevels);

// The same with every subject tested against all others together. Every subject must be known.
Leakage leakage_between_subjects(const Dataset& dataset, double levels = kNearDuplicateLevels);

}  // namespace mudra::data
