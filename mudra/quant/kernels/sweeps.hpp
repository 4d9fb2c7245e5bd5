// Passes over the values of a whole tensor, with the same results on every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mudra::quant::kernels {

// How many places sort_into_bins() may write beyond `values.size()`.
inline constexpr std::size_t kSlack = 16;

struct Bins {
  float scale;        // a bin is 1 / scale wide
  std::int32_t last;  // up to 2^24
};

// Into which bin |value| falls. Most values of an activation lie in the first and in the last one; these are
// only counted.
struct Sorted {
  std::size_t listed = 0;  // in bins between, each written to `places`
  std::size_t first = 0;   // in bin 0
  std::size_t last = 0;    // in the last bin: also all beyond
};
Sorted sort_into_bins(std::span<const float> values, const Bins& bins, std::int32_t* places);

// The least and the largest value, or 0 where that lies beyond; infinite both if any value is not finite.
struct LowHigh {
  float low, high;
};
LowHigh low_high(std::span<const float> values);

// Factors by channel, repeated until whole vectors go round: the length is a multiple of kPeriod.
inline constexpr std::size_t kPeriod = 16;
std::vector<float> repeated(const std::vector<float>& factors);

// What integers from -most - 1 to most would do to the values times their channel's factor.
struct Extent {
  float largest = 0;    // magnitude
  std::size_t cut = 0;  // values that round to something beyond `most` by one or more, or below -most - 1
};

// `factors` are repeated().
Extent extent(std::span<const float> values, std::span<const float> factors, float most);

// Of the differences of `found`, times its `factors` (repeated()), from `expected`: sums of squares.
struct Noise {
  double noise = 0, signal = 0;
};
Noise noise(std::span<const float> expected, std::span<const float> found, std::span<const float> factors);

// To the nearest k * step, halves up, k from -most - 1 to most.
struct Rounding {
  float up, step, most;  // up = 1 / step
};

// out = values within low and high, then rounded, if a rounding is given; `out` may be `values`.
void bound(std::span<const float> values, float low, float high, const std::optional<Rounding>& rounding,
           float* out);

}  // namespace mudra::quant::kernels
