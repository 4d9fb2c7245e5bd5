#include "mudra/quant/equalize.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/quant/lower.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;
using Nodes = std::vector<const graph::Node*>;

// A larger factor would only move the loss of range to the other side.
constexpr float kLeastFactor = 0.1f, kMostFactor = 10.0f;

class PairFinder {
 public:
  PairFinder(const graph::Graph& network, int level) : network_(network), level_(level) {}

  // Pairs in the order of their first layer before.
  std::vector<std::pair<Nodes, Nodes>> pairs() {
    std::vector<std::pair<Nodes, Nodes>> result;
    for (const graph::Node& node : network_.nodes) {
      if (!graph::has_weights(node)) continue;
      before_.clear();
      behind_.clear();
      visited_.clear();
      closed_ = true;
      walk(node.output);
      if (!closed_ || behind_.empty()) continue;
      const std::pair<Nodes, Nodes> pair{in_order(before_), in_order(behind_)};
      if (std::ranges::find(result, pair) == result.end()) result.push_back(pair);
    }
    return result;
  }

 private:
  bool passes(const graph::Node& node) const {
    return graph::traits(node.operation).keeps_channels ||
           (level_ >= 2 && std::holds_alternative<graph::Add>(node.operation)) ||
           (level_ >= 3 && std::holds_alternative<graph::Flatten>(node.operation) &&
            network_.tensor(node.inputs[0]).shape.back() == network_.tensor(node.output).shape.back());
  }

  // All that write or read the channels of `tensor`, through what lets factors pass.
  void walk(TensorIndex tensor) {
    if (!visited_.insert(tensor).second) return;
    const graph::Node* producer = producer_of(network_, tensor);
    if (producer == nullptr || tensor == network_.output) {
      closed_ = false;
      return;
    }
    if (graph::has_weights(*producer)) {
      before_.insert(producer);
    } else if (passes(*producer)) {
      for (std::size_t slot = 0; slot < graph::activation_count(*producer); ++slot)
        walk(producer->inputs[slot]);
    } else {
      closed_ = false;
    }
    for (const graph::Node& reader : network_.nodes) {
      if (std::ranges::count(reader.inputs, tensor) == 0) continue;
      if (graph::has_weights(reader))
        behind_.insert(&reader);
      else if (passes(reader))
        walk(reader.output);
      else
        closed_ = false;
    }
  }

  static Nodes in_order(const std::set<const graph::Node*>& nodes) { return {nodes.begin(), nodes.end()}; }

  const graph::Graph& network_;
  int level_;
  std::set<const graph::Node*> before_, behind_;  // by address: in the order of the network
  std::set<TensorIndex> visited_;
  bool closed_ = true;
};

// Calls change(channel, weight) for each weight with the channel of the node's output.
template <typename Change>
void for_output_channels(graph::Graph& network, const graph::Node& node, Change change) {
  auto& weights = graph::float_values(network, node.inputs[1]);
  const auto channels = static_cast<std::size_t>(network.tensor(node.inputs[1]).shape[0]);
  const std::size_t each = weights.size() / channels;
  for (std::size_t i = 0; i < weights.size(); ++i) change(i / each, weights[i]);
}

// The same with the channel of its input.
template <typename Change>
void for_input_channels(graph::Graph& network, const graph::Node& node, Change change) {
  const auto* conv = std::get_if<graph::Conv>(&node.operation);
  if (conv != nullptr && conv->depthwise) return for_output_channels(network, node, change);
  auto& weights = graph::float_values(network, node.inputs[1]);
  const graph::Shape& shape = network.tensor(node.inputs[1]).shape;
  const auto in = static_cast<std::size_t>(shape[1]);
  const std::size_t taps = weights.size() / static_cast<std::size_t>(shape[0] * shape[1]);
  for (std::size_t i = 0; i < weights.size(); ++i) change(i / taps % in, weights[i]);
}

std::vector<float> factors_of(graph::Graph& network, const Nodes& before, const Nodes& behind,
                              float threshold) {
  const auto channels = static_cast<std::size_t>(network.tensor(before[0]->output).shape.back());
  std::vector<float> up(channels, 0.0f), down(channels, 0.0f), factors(channels, 1.0f);
  for (const graph::Node* node : before)
    for_output_channels(network, *node,
                        [&](std::size_t c, float weight) { up[c] = std::max(up[c], std::abs(weight)); });
  for (const graph::Node* node : behind)
    for_input_channels(network, *node,
                       [&](std::size_t c, float weight) { down[c] = std::max(down[c], std::abs(weight)); });
  for (std::size_t c = 0; c < channels; ++c) {
    // A channel without weights on one side would grow, its bias too, in every iteration.
    if (up[c] + down[c] < threshold || up[c] == 0 || down[c] == 0) continue;
    factors[c] = std::clamp(1.0f / std::sqrt(up[c] / down[c]), kLeastFactor, kMostFactor);
  }
  return factors;
}

void equalize_pair(graph::Graph& network, const Nodes& before, const Nodes& behind, float threshold) {
  const std::vector<float> factors = factors_of(network, before, behind, threshold);
  for (const graph::Node* node : before) {
    for_output_channels(network, *node, [&](std::size_t c, float& weight) { weight *= factors[c]; });
    if (node->inputs.size() < 3) continue;
    auto& bias = graph::float_values(network, node->inputs[2]);
    for (std::size_t c = 0; c < bias.size(); ++c) bias[c] *= factors[c];
  }
  for (const graph::Node* node : behind)
    for_input_channels(network, *node, [&](std::size_t c, float& weight) { weight /= factors[c]; });
}

}  // namespace

Equalized equalized(const graph::Graph& network, const Equalization& how) {
  if (how.iterations < 1 || how.iterations > 1000)
    fail("{} iterations of equalization: give 1 to 1000", how.iterations);
  const auto pairs = PairFinder(network, how.level).pairs();
  const auto equalize = [&](graph::Graph& graph) {
    for (int i = 0; i < how.iterations; ++i)
      for (const auto& [before, behind] : pairs) equalize_pair(graph, before, behind, how.threshold);
  };
  Equalized result{graph::after_passes(network, {{"equalization", equalize}}), {}};
  const auto names = [](const Nodes& nodes) {
    std::vector<std::string> list;
    for (const graph::Node* node : nodes) list.push_back(node->name);
    return list;
  };
  for (const auto& [before, behind] : pairs) result.pairs.push_back({names(before), names(behind)});
  return result;
}

graph::Graph with_relu_for_relu6(const graph::Graph& network) {
  constexpr float kSix = 6;
  graph::Graph result = network;
  for (graph::Node& node : result.nodes)
    if (const auto* clip = std::get_if<graph::Clip>(&node.operation);
        clip != nullptr && clip->low == 0 && clip->high == kSix)
      node.operation = graph::Relu{};
  return result;
}

}  // namespace mudra::quant
