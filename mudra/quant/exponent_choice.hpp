// From what was seen of a tensor to its power of two. (quantization.md, sections 2, 3 and 8)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mudra::quant {

struct Interval {
  float low = 0, high = 0;  // holds 0

  void include(float value) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  float magnitude() const { return high > -low ? high : -low; }
  bool operator==(const Interval&) const = default;
};

// How often each magnitude was seen: counts.size() equal bins over [0, range].
struct Histogram {
  float range = 0;
  std::vector<std::int64_t> counts;

  double bin_width() const { return double{range} / static_cast<double>(counts.size()); }
};

// As many bins as the KL decision for `bits` wants: 4096 for 8, 1048576 for 16.
std::size_t histogram_bins(int bits);

// The least exponent that clips nothing of the interval by more than half a step.
int covering_exponent(const Interval& interval, int bits);

// The values between which all but the 1e-4 least and the 1e-4 largest lie: nothing is left out of fewer than
// 10,000. Reorders `values`; not empty.
Interval percentile_interval(std::span<float> values);

// Of 32 ranges the one whose values, spread evenly over the integers, look most like the histogram
// (Kullback-Leibler divergence); rounded to the nearest power of two in the log domain, so that up to 29 % of
// the range is clipped.
int kl_exponent(const Histogram& histogram, int bits);

// The exponent with the least squared error over the histogram.
int mse_exponent(const Histogram& histogram, int bits);

}  // namespace mudra::quant
