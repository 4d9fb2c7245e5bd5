#include "mudra/quant/mixed.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <map>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/exponent_choice.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

constexpr std::size_t kPicturesPerTrial = 96;

// Schemes for any choice of widths, from an 8-bit one and the ranges of all tensors.
class Widener {
 public:
  Widener(const graph::Graph& network, const Scheme& narrow, const Pictures& pictures)
      : network_(network), narrow_(narrow) {
    std::vector<graph::TensorIndex> tensors{network.input};
    for (const graph::Node& node : network.nodes) tensors.push_back(node.output);
    const auto intervals = observe_intervals(network, pictures, tensors);
    for (std::size_t i = 0; i < tensors.size(); ++i) intervals_[tensors[i]] = intervals[i];
    Interval& input = intervals_.at(network.input);
    if (input == Interval{}) input.include(1);  // black pictures say nothing about others
  }

  Scheme widened(const NodeBits& bits) const {
    Scheme scheme;
    scheme.bits = bits;
    choose_weight_exponents(network_, scheme);
    for (std::size_t i = 0; i < bits.size(); ++i)
      if (bits[i] == kNarrow && graph::has_weights(network_.nodes[i])) {
        const graph::TensorIndex weight = network_.nodes[i].inputs[1];
        scheme.of_weight[weight] = narrow_.of_weight.at(weight);
      }
    for (const Site& site : free_sites(network_, bits)) {
      const auto known = narrow_.exponents.find(site);
      scheme.exponents[site] = known != narrow_.exponents.end()
                                   ? known->second
                                   : covering_exponent(intervals_.at(site.tensor), site.bits);
    }
    spread_exponents(network_, scheme);
    raise_exponents(network_, scheme);
    return scheme;
  }

 private:
  const graph::Graph& network_;
  const Scheme& narrow_;
  std::map<graph::TensorIndex, Interval> intervals_;
};

std::int64_t extra_bytes(const graph::Graph& network, const NodeBits& bits) {
  constexpr std::int64_t kPerWeight = 1, kPerBias = 4;  // int16 for int8, int64 for int32
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    if (bits[i] != kWide || !graph::has_weights(node)) continue;
    bytes += kPerWeight * graph::element_count(network.tensor(node.inputs[1]).shape);
    if (node.inputs.size() > 2)
      bytes += kPerBias * graph::element_count(network.tensor(node.inputs[2]).shape);
  }
  return bytes;
}

double wide_share(const graph::Graph& network, const NodeBits& bits) {
  std::int64_t wide = 0;
  for (std::size_t i = 0; i < bits.size(); ++i)
    if (bits[i] == kWide) wide += graph::multiply_adds(network, network.nodes[i]);
  return static_cast<double>(wide) /
         static_cast<double>(std::max<std::int64_t>(1, graph::multiply_adds(network)));
}

NodeBits with_wide(const graph::Graph& network, NodeBits bits, std::size_t node) {
  bits[node] = kWide;
  return followed(network, std::move(bits));
}

bool keeps(const Budget& budget, const TradeOff& point) {
  return (!budget.extra_bytes || point.extra_bytes <= *budget.extra_bytes) &&
         (!budget.wide_share || point.wide_share <= *budget.wide_share) &&
         (!budget.us || point.us <= *budget.us);
}

// What a node alone costs of the budget.
double cost_of(const TradeOff& alone, const TradeOff& none, const Budget& budget) {
  constexpr double kLeast = 1;  // microsecond, of a node that is no slower
  if (budget.us) return std::max(kLeast, *alone.us - *none.us);
  return budget.wide_share ? alone.wide_share : static_cast<double>(alone.extra_bytes);
}

double number_in(std::string_view text, std::string_view whole) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > 1e12)
    fail("budget '{}': give bytes=N, macs=P% or us=N", whole);
  return value;
}

}  // namespace

Budget budget_named(std::string_view text) {
  constexpr std::string_view kBytes = "bytes=", kMacs = "macs=", kTime = "us=";
  if (text.starts_with(kBytes))
    return {.extra_bytes = static_cast<std::int64_t>(number_in(text.substr(kBytes.size()), text)),
            .wide_share = {}};
  if (text.starts_with(kMacs) && text.ends_with('%')) {
    const double share = number_in(text.substr(kMacs.size(), text.size() - kMacs.size() - 1), text);
    if (share <= 100) return {.extra_bytes = {}, .wide_share = share / 100};
  }
  if (text.starts_with(kTime))
    return {.extra_bytes = {}, .wide_share = {}, .us = number_in(text.substr(kTime.size()), text)};
  fail("budget '{}': give bytes=N, macs=P% or us=N", text);
}

MixedResult quantize_mixed(const graph::Graph& network, const Pictures& pictures, Calibration calibration,
                           const Budget& budget, const IntegerRun& run, const PictureTime& time) {
  const NodeBits narrow(network.nodes.size(), kNarrow);
  const Quantized start = quantize(network, narrow, pictures, calibration, run);
  const Judge judge(network, pictures, kPicturesPerTrial, run);
  const Widener widener(network, start.scheme, judge.pictures());
  const auto point_of = [&](std::string node, const NodeBits& bits) {
    stop_if_interrupted();
    const graph::Graph integer = integer_graph(network, widener.widened(bits));
    return TradeOff{std::move(node), extra_bytes(network, bits), wide_share(network, bits), judge(integer),
                    budget.us ? std::optional(time(integer)) : std::nullopt};
  };
  const TradeOff none = point_of("", narrow);
  if (!keeps(budget, none))
    fail("in 8 bits it takes {:.0f} us of the {:.0f} of the budget", *none.us, *budget.us);

  struct Candidate {
    std::size_t node;
    double worth;  // noise taken away for each byte, multiply-add or microsecond
  };
  std::vector<Candidate> candidates;
  Progress progress("sensitivity", network.nodes.size(), "nodes");
  for (std::size_t i = 0; i < network.nodes.size(); ++i, progress.advance()) {
    if (!graph::has_weights(network.nodes[i])) continue;
    const TradeOff alone = point_of(network.nodes[i].name, with_wide(network, narrow, i));
    candidates.push_back({i, (none.error.noise - alone.error.noise) / cost_of(alone, none, budget)});
  }
  std::ranges::stable_sort(candidates, std::greater(), &Candidate::worth);

  MixedResult result;
  result.curve.push_back(none);
  NodeBits bits = narrow, best_bits = narrow;
  for (const Candidate& candidate : candidates) {
    const NodeBits wider = with_wide(network, bits, candidate.node);
    TradeOff point = point_of(network.nodes[candidate.node].name, wider);
    if (!keeps(budget, point)) continue;
    bits = wider;
    result.curve.push_back(std::move(point));
    if (result.curve.back().error.noise < result.curve[result.chosen].error.noise) {
      result.chosen = result.curve.size() - 1;
      best_bits = bits;
    }
  }
  Scheme scheme = widener.widened(best_bits);
  graph::Graph integer = integer_graph(network, scheme);
  result.quantized = {network, std::move(scheme), std::move(integer)};
  return result;
}

}  // namespace mudra::quant
