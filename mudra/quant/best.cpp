#include "mudra/quant/best.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <fmt/format.h>

#include "mudra/quant/equalize.hpp"
#include "mudra/quant/fit_ranges.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"
#include "mudra/quant/rounding_choice.hpp"
#include "mudra/quant/bias_correction.hpp"
#include "mudra/quant/search.hpp"
#include <ctime>

namespace mudra::quant {
namespace {

constexpr std::size_t kJudged = 128;

bool has(const char* letter) { const char* v = std::getenv("BEST"); return v == nullptr || std::string(v).find(letter) != std::string::npos; }

}  // namespace

Quantized quantize_best(const graph::Graph& network, const Pictures& pictures, const IntegerRun& run) {
  graph::Graph fitted = network;
  if (has("e")) fitted = equalized(fitted, {.iterations = 4, .threshold = 0, .level = 3}).network;
  const Judge judge(network, pictures, kJudged, run);
  std::vector<graph::TensorIndex> outputs;
  for (const auto& node : fitted.nodes) outputs.push_back(node.output);
  const auto intervals = observe_intervals(fitted, judge.pictures(), outputs);
  std::map<graph::TensorIndex, Interval> seen;
  for (std::size_t i = 0; i < outputs.size(); ++i) seen[outputs[i]] = intervals[i];
  std::map<graph::TensorIndex, int> exponents;
  for (const auto& group : scale_groups(network)) {
    const graph::Node* clip = nullptr;
    for (const auto& node : fitted.nodes)
      if (std::holds_alternative<graph::Clip>(node.operation) && node.output == group.back()) clip = &node;
    if (clip != nullptr && has("s") && can_shift(fitted, *clip)) {
      const auto i = seen[clip->output];
      const double span = i.high - i.low;
      const int e = (int)std::ceil(std::log2(span / 255));
      const double factor = 255 * std::ldexp(1.0, e) / span;
      scale(fitted, group, (float)factor);
      shift(fitted, *clip, (float)(i.low * factor + std::ldexp(128.0, e)));
      exponents[clip->output] = e;
    } else if (has("f")) {
      double most = 0;
      for (auto t : group) {
        if (clip != nullptr && t != clip->output) continue;
        most = std::max(most, (double)seen[t].magnitude());
      }
      const int e = (int)std::ceil(std::log2(most / 127));
      scale(fitted, group, (float)(127 * std::ldexp(1.0, e) / most));
      if (clip) exponents[clip->output] = e;
    }
  }
  Scheme scheme = calibrated(fitted, node_bits(fitted, {}), judge.pictures(), Calibration::kMse);
  for (auto [t, e] : exponents) scheme.exponents.at({t, 8}) = e;
  spread_exponents(fitted, scheme);
  auto err = judge(integer_graph(fitted, scheme));
  fmt::print(stderr, "start {:.3f} % {:.2f} %\n", 100 * err.noise, 100 * err.agreement);
  if (has("x")) { err = search_exponents(fitted, scheme, judge, Searched::kActivationsAndWeights, 2);
  fmt::print(stderr, "search {:.3f} % {:.2f} %\n", 100 * err.noise, 100 * err.agreement);}
  if (has("r")) {
    auto m = observe_moments(fitted, judge.pictures().part(0, 64));
    auto chosen = with_chosen_rounding(fitted, scheme, m);
    auto ref = float_outputs(network, judge.pictures());
    auto e1 = compare(ref, float_outputs(with_rounded_weights(fitted, scheme), judge.pictures()), 8);
    auto e2 = compare(ref, float_outputs(chosen, judge.pictures()), 8);
    auto e3 = compare(ref, float_outputs(fitted, judge.pictures()), 8);
    fmt::print(stderr, "float: fitted {:.4f} nearest {:.4f} chosen {:.4f}\n", 100*e3.noise, 100*e1.noise,100*e2.noise);
    err = judge(integer_graph(chosen, scheme));
    fmt::print(stderr, "rounding {:.3f} % {:.2f} % cpu {}\n", 100 * err.noise, 100 * err.agreement, (double)std::clock() / CLOCKS_PER_SEC);
    auto corrected = has("b") ? with_corrected_biases(chosen, fitted, scheme, judge.pictures().part(0, 48)) : chosen;
    err = judge(integer_graph(corrected, scheme));
    fmt::print(stderr, "bias {:.3f} % {:.2f} % cpu {}\n", 100 * err.noise, 100 * err.agreement, (double)std::clock() / CLOCKS_PER_SEC);
    fitted = corrected;
    err = search_exponents(fitted, scheme, judge, Searched::kActivations, 1);
  fmt::print(stderr, "search {:.3f} % {:.2f} %\n", 100 * err.noise, 100 * err.agreement);
  }
  graph::Graph integer = without_saturated_clips(integer_graph(fitted, scheme));
  err = judge(integer);
  fmt::print(stderr, "final {:.3f} % {:.2f} %\n", 100 * err.noise, 100 * err.agreement);
  return {fitted, std::move(scheme), std::move(integer)};
}

}  // namespace mudra::quant
