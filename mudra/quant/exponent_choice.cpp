#include "mudra/quant/exponent_choice.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

constexpr double kLeastScale = 1e-8;

int within_limits(double exponent) {
  return static_cast<int>(std::clamp(exponent, double{kLeastExponent}, double{kMostExponent}));
}

// The divergence of the histogram, what lies beyond `kept` bins counted in the last of them, from the same
// bins spread over `levels` groups.
double divergence(const std::vector<double>& counts, double total, std::size_t kept, std::size_t levels) {
  constexpr double kTiny = 1e-30;
  const std::size_t group = kept / levels;
  std::vector<double> spread(levels, 0.0);  // what each bin of a group with counts gets
  double spread_total = 0;
  for (std::size_t level = 0; level < levels; ++level) {
    const auto bins = std::span(counts).subspan(level * group, group);
    const double sum = std::accumulate(bins.begin(), bins.end(), 0.0);
    const auto filled = std::ranges::count_if(bins, [](double count) { return count > 0; });
    if (filled > 0) spread[level] = sum / static_cast<double>(filled);
    spread_total += sum;
  }
  const double beyond =
      std::accumulate(counts.begin() + static_cast<std::ptrdiff_t>(kept), counts.end(), 0.0);
  double result = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const double seen = (counts[i] + (i + 1 == kept ? beyond : 0.0)) / total;
    if (seen == 0) continue;
    const double shown = counts[i] > 0 ? spread[i / group] / spread_total : 0.0;
    result += seen * (std::log10(seen + kTiny) - std::log10(shown + kTiny));
  }
  return result;
}

}  // namespace

std::size_t histogram_bins(int bits) { return std::size_t{32} << (bits - 1); }

int covering_exponent(const Interval& interval, int bits) {
  const double steps = std::ldexp(1.0, bits) - 1;
  return within_limits(
      std::ceil(std::log2(std::max(2.0 * double{interval.magnitude()} / steps, kLeastScale))));
}

Interval percentile_interval(std::span<float> values) {
  assert(!values.empty());
  constexpr double kKept = 0.9999;
  const auto count = static_cast<double>(values.size());
  const auto high = std::min(static_cast<std::size_t>(count * kKept), values.size() - 1);
  const auto low = static_cast<std::size_t>(count * (1 - kKept));
  const auto at = [&](std::size_t place) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(place);
    std::ranges::nth_element(values, middle);
    return *middle;
  };
  Interval interval;
  interval.include(at(high));
  interval.include(at(low));
  return interval;
}

int kl_exponent(const Histogram& histogram, int bits) {
  const std::size_t bins = histogram.counts.size(), levels = std::size_t{1} << (bits - 1);
  assert(bins == histogram_bins(bits));
  std::vector<double> counts(histogram.counts.begin(), histogram.counts.end());
  // The values next to zero say nothing about a range.
  const auto ignored = static_cast<std::size_t>(0.002 * static_cast<double>(bins));
  std::fill_n(counts.begin(), ignored, 0.0);
  counts[ignored] = 1;
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  std::size_t best = levels;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t kept = levels; kept <= bins; kept += levels) {
    const double found = divergence(counts, total, kept, levels);
    if (found < least) {
      least = found;
      best = kept;
    }
  }
  const auto bins_per_level = best / levels;
  const double scale = histogram.bin_width() * static_cast<double>(bins_per_level);
  return within_limits(std::floor(std::log2(std::max(scale, kLeastScale)) + 0.5));
}

int mse_exponent(const Histogram& histogram, int bits) {
  constexpr int kLower = 4;  // exponents below the covering one
  const int covering = covering_exponent({0, histogram.range}, bits);
  const double most = std::ldexp(1.0, bits - 1) - 1, width = histogram.bin_width();
  int best = covering;
  double least = std::numeric_limits<double>::infinity();
  for (int exponent = covering; exponent >= std::max(covering - kLower, kLeastExponent); --exponent) {
    const double step = std::ldexp(1.0, exponent);
    double error = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      if (histogram.counts[i] == 0) continue;
      const double value = (static_cast<double>(i) + 0.5) * width;
      const double integer = std::min(std::floor(value / step + 0.5), most);
      const double difference = value - integer * step;
      error += static_cast<double>(histogram.counts[i]) * difference * difference;
    }
    if (error < least) {
      least = error;
      best = exponent;
    }
  }
  return best;
}

}  // namespace mudra::quant
