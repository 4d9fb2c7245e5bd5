#include "mudra/quant/calibrate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/exponent_choice.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

constexpr std::array kCalibrations{Calibration::kMinmax, Calibration::kPercentile, Calibration::kMse,
                                   Calibration::kKl, Calibration::kSearch};

std::vector<TensorIndex> tensors_of(const std::vector<Site>& sites) {
  std::vector<TensorIndex> tensors;
  for (const Site& site : sites)
    if (std::ranges::find(tensors, site.tensor) == tensors.end()) tensors.push_back(site.tensor);
  return tensors;
}

// Exponents of all sites from the histograms of their tensors, one width after the other.
void decide_by_histogram(const graph::Graph& network, const Pictures& pictures,
                         const std::vector<Site>& sites, Calibration calibration, Scheme& scheme) {
  // The squared error needs no more to be known well; KL is decided as the reference does, by all.
  constexpr std::size_t kMostForMse = 512;
  const bool is_kl = calibration == Calibration::kKl;
  const PictureCopy some(pictures, is_kl ? 0 : kMostForMse);
  const Pictures counted = is_kl ? pictures : some.pictures();
  const std::vector<TensorIndex> all = tensors_of(sites);
  // Nothing of any picture is to be clipped in 16 bits.
  const bool any_wide = std::ranges::count(sites, kWide, &Site::bits) > 0;
  const std::vector<Interval> intervals = observe_intervals(network, any_wide ? pictures : counted, all);
  for (const int bits : {kNarrow, kWide}) {
    std::vector<TensorIndex> tensors;
    std::vector<float> ranges;
    for (const Site& site : sites) {
      if (site.bits != bits) continue;
      tensors.push_back(site.tensor);
      const auto place = static_cast<std::size_t>(std::ranges::find(all, site.tensor) - all.begin());
      ranges.push_back(intervals[place].magnitude());
    }
    if (tensors.empty()) continue;
    if (bits == kWide && !is_kl) {  // has steps to spare: nothing is clipped
      for (std::size_t i = 0; i < tensors.size(); ++i)
        scheme.exponents[{tensors[i], bits}] = covering_exponent({0, ranges[i]}, bits);
      continue;
    }
    const auto histograms = observe_histograms(network, counted, tensors, ranges, histogram_bins(bits));
    for (std::size_t i = 0; i < tensors.size(); ++i)
      scheme.exponents[{tensors[i], bits}] =
          is_kl ? kl_exponent(histograms[i], bits) : mse_exponent(histograms[i], bits);
  }
}

void decide_by_interval(const graph::Graph& network, const Pictures& pictures, const std::vector<Site>& sites,
                        Calibration calibration, Scheme& scheme) {
  const std::vector<TensorIndex> tensors = tensors_of(sites);
  const auto intervals = calibration == Calibration::kMinmax
                             ? observe_intervals(network, pictures, tensors)
                             : observe_percentiles(network, pictures, tensors);
  for (const Site& site : sites) {
    const auto place = std::ranges::find(tensors, site.tensor) - tensors.begin();
    scheme.exponents[site] = covering_exponent(intervals[static_cast<std::size_t>(place)], site.bits);
  }
}

}  // namespace

const char* name_of(Calibration calibration) {
  switch (calibration) {
    case Calibration::kMinmax:
      return "minmax";
    case Calibration::kPercentile:
      return "percentile";
    case Calibration::kMse:
      return "mse";
    case Calibration::kKl:
      return "kl";
    case Calibration::kSearch:
      return "search";
  }
  return "";
}

Calibration calibration_named(std::string_view name) {
  const auto found = std::ranges::find_if(
      kCalibrations, [&](Calibration calibration) { return name == name_of(calibration); });
  if (found == kCalibrations.end()) fail("there is no calibration '{}'", name);
  return *found;
}

Scheme calibrated(const graph::Graph& network, const NodeBits& bits, const Pictures& pictures,
                  Calibration calibration) {
  Scheme scheme;
  scheme.bits = bits;
  choose_weight_exponents(network, scheme);
  const graph::Graph rounded = with_rounded_weights(network, scheme);
  const std::vector<Site> sites = free_sites(network, bits);
  if (calibration == Calibration::kMinmax || calibration == Calibration::kPercentile)
    decide_by_interval(rounded, pictures, sites, calibration, scheme);
  else
    decide_by_histogram(rounded, pictures, sites, calibration, scheme);
  // Black pictures say nothing about others.
  if (std::ranges::count(pictures.pixels, 0) == std::ssize(pictures.pixels) && pictures.reals.empty())
    for (const Site& site : sites)
      if (site.tensor == network.input) scheme.exponents[site] = covering_exponent({0, 1}, site.bits);
  spread_exponents(network, scheme);
  raise_exponents(network, scheme);
  return scheme;
}

}  // namespace mudra::quant
