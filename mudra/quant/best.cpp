#include "mudra/quant/best.hpp"

#include <algorithm>
#include <utility>

#include "mudra/quant/bias_correction.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/equalize.hpp"
#include "mudra/quant/fit_ranges.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/rounding.hpp"
#include "mudra/quant/rounding_choice.hpp"
#include "mudra/quant/search.hpp"

namespace mudra::quant {
namespace {

// More pictures tell candidates apart no better, and take longer.
constexpr std::size_t kJudged = 128, kMomentPictures = 64, kBiasPictures = 48;
constexpr int kRounds = 2;

Scheme fitted_scheme(const FittedNetwork& fitted, const Pictures& pictures) {
  Scheme scheme =
      calibrated(fitted.network, NodeBits(fitted.network.nodes.size(), kNarrow), pictures, Calibration::kMse);
  for (const auto& [tensor, exponent] : fitted.exponents) scheme.exponents[{tensor, kNarrow}] = exponent;
  spread_exponents(fitted.network, scheme);
  raise_exponents(fitted.network, scheme);
  return scheme;
}

// With weights and biases rounded for the sums' sake, where that lessens the error.
void improve_parameters(graph::Graph& network, const Scheme& scheme, const Judge& judge) {
  const Pictures pictures = judge.pictures();
  const auto some = [&](std::size_t most) { return pictures.part(0, std::min(most, pictures.size())); };
  const graph::Graph chosen =
      with_chosen_rounding(network, scheme, observe_moments(network, some(kMomentPictures)));
  graph::Graph corrected = with_corrected_biases(chosen, network, scheme, some(kBiasPictures));
  if (judge(integer_graph(corrected, scheme)).noise < judge(integer_graph(network, scheme)).noise)
    network = std::move(corrected);
}

}  // namespace

Quantized quantize_best(const graph::Graph& network, const Pictures& pictures, const IntegerRun& run) {
  const Judge judge(network, pictures, kJudged, run);
  const graph::Graph even = equalized(network, {.iterations = 4, .threshold = 0, .level = 3}).network;
  FittedNetwork fitted = with_fitted_ranges(grown_below_clips(even, pictures), pictures);
  Scheme scheme = fitted_scheme(fitted, pictures);
  search_exponents(fitted.network, scheme, judge, Searched::kActivationsAndWeights, kRounds);
  improve_parameters(fitted.network, scheme, judge);
  raise_exponents(fitted.network, scheme);  // for the corrected biases
  search_exponents(fitted.network, scheme, judge, Searched::kActivations, 1);
  graph::Graph integer = without_saturated_clips(integer_graph(fitted.network, scheme));
  return {std::move(fitted.network), std::move(scheme), std::move(integer)};
}

}  // namespace mudra::quant
