#include "mudra/quant/fit_ranges.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "mudra/graph/build.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

bool contains(const ScaleGroup& group, TensorIndex tensor) {
  return std::ranges::find(group, tensor) != group.end();
}

// Of a group with a Clip only what that gives counts: beyond its bound nothing is lost.
ScaleGroup ranged_tensors(const graph::Graph& network, const ScaleGroup& group) {
  ScaleGroup bounded;
  for (const TensorIndex tensor : group)
    if (std::holds_alternative<graph::Clip>(producer_of(network, tensor)->operation))
      bounded.push_back(tensor);
  return bounded.empty() ? group : bounded;
}

void leave_saturated_clips_out(graph::Graph& result) {
  for (graph::Node& node : result.nodes) {
    const auto* clip = std::get_if<graph::Clip>(&node.operation);
    if (clip == nullptr) continue;
    const graph::Tensor& input = result.tensor(node.inputs[0]);
    graph::Node* producer = producer_of(result, node.inputs[0]);
    const bool narrow = input.type == graph::Type::kInt8;
    const std::int32_t most =
        narrow ? std::numeric_limits<std::int8_t>::max() : std::numeric_limits<std::int16_t>::max();
    const graph::ClipBounds bounds = graph::clip_bounds(*clip, input);
    const bool fits = bounds.high == most && (bounds.low == 0 || bounds.low == -most - 1);
    if (!fits || producer == nullptr || !graph::has_weights(*producer) ||
        graph::sole_reader(result, node.inputs[0]) == nullptr)
      continue;
    if (bounds.low == 0) *graph::fused_relu(*producer) = true;
    producer->output = node.output;
    node.inputs.clear();  // marks it as taken in
  }
  std::erase_if(result.nodes, [](const graph::Node& node) { return node.inputs.empty(); });
  result = graph::without_unused(result);
}

}  // namespace

std::vector<ScaleGroup> scale_groups(const graph::Graph& network) {
  std::vector<TensorIndex> root(network.tensors.size());
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](TensorIndex tensor) {
    while (root[static_cast<std::size_t>(tensor)] != tensor) tensor = root[static_cast<std::size_t>(tensor)];
    return tensor;
  };
  const auto unite = [&](TensorIndex a, TensorIndex b) { root[static_cast<std::size_t>(find(a))] = find(b); };
  for (const graph::Node& node : network.nodes) {
    if (graph::has_weights(node)) continue;
    for (std::size_t slot = 0; slot < graph::activation_count(node); ++slot)
      unite(node.output, node.inputs[slot]);
    if (!graph::traits(node.operation).is_homogeneous) unite(node.output, network.input);  // which stays
  }
  std::vector<ScaleGroup> groups;
  for (const graph::Node& node : network.nodes) {
    const TensorIndex first = find(node.output);
    if (first == find(network.input) || first == find(network.output)) continue;
    const auto group =
        std::ranges::find_if(groups, [&](const ScaleGroup& g) { return find(g.front()) == first; });
    if (group == groups.end())
      groups.push_back({node.output});
    else
      group->push_back(node.output);
  }
  return groups;
}

void scale(graph::Graph& network, const ScaleGroup& group, float factor) {
  for (graph::Node& node : network.nodes) {
    const bool writes = contains(group, node.output), reads = contains(group, node.inputs[0]);
    if (auto* clip = std::get_if<graph::Clip>(&node.operation); clip != nullptr && writes) {
      clip->low *= factor;
      clip->high *= factor;
    }
    if (!graph::has_weights(node) || (!writes && !reads)) continue;
    for (float& weight : graph::float_values(network, node.inputs[1])) {
      if (writes) weight *= factor;
      if (reads) weight /= factor;
    }
    if (writes && node.inputs.size() > 2)
      for (float& bias : graph::float_values(network, node.inputs[2])) bias *= factor;
  }
}

FittedNetwork with_fitted_ranges(const graph::Graph& network, const Pictures& pictures) {
  constexpr double kMostInteger = 127;
  FittedNetwork fitted;
  std::vector<TensorIndex> outputs;
  for (const graph::Node& node : network.nodes) outputs.push_back(node.output);
  const std::vector<Interval> intervals = observe_intervals(network, pictures, outputs);
  std::map<TensorIndex, Interval> seen;
  for (std::size_t i = 0; i < outputs.size(); ++i) seen[outputs[i]] = intervals[i];
  const auto fit = [&](graph::Graph& graph) {
    for (const ScaleGroup& group : scale_groups(network)) {
      const ScaleGroup ranged = ranged_tensors(network, group);
      double largest = 0;
      for (const TensorIndex tensor : ranged)
        largest = std::max(largest, double{seen.at(tensor).magnitude()});
      if (largest < std::numeric_limits<float>::min()) continue;
      const int exponent = static_cast<int>(std::ceil(std::log2(largest / kMostInteger)));
      if (exponent < kLeastExponent || exponent > kMostExponent) continue;
      scale(graph, group, static_cast<float>(kMostInteger * std::ldexp(1.0, exponent) / largest));
      for (const TensorIndex tensor : ranged)
        if (ranged != group) fitted.exponents[tensor] = exponent;
    }
  };
  fitted.network = graph::after_passes(network, {{"fitting ranges", fit}});
  return fitted;
}

graph::Graph without_saturated_clips(const graph::Graph& integer) {
  return graph::after_passes(integer, {{"leaving Clips out", leave_saturated_clips_out}});
}

}  // namespace mudra::quant
