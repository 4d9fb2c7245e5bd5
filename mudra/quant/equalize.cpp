#include "mudra/quant/equalize.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;
using Nodes = std::vector<const graph::Node*>;

constexpr int kThroughClips = 4;  // one more than Equalization::level has

// A larger factor would only move the loss of range to the other side.
constexpr float kLeastFactor = 0.1f, kMostFactor = 10.0f;
constexpr float kMostGrowth = 32.0f;  // biases grow along

struct Pair {
  Nodes before, behind;
  std::vector<TensorIndex> clipped;  // outputs of the Clips between them

  bool operator==(const Pair&) const = default;
};

class PairFinder {
 public:
  PairFinder(const graph::Graph& network, int level) : network_(network), level_(level) {}

  // Pairs in the order of their first layer before.
  std::vector<Pair> pairs() {
    std::vector<Pair> result;
    for (const graph::Node& node : network_.nodes) {
      if (!graph::has_weights(node)) continue;
      before_.clear();
      behind_.clear();
      visited_.clear();
      closed_ = true;
      walk(node.output);
      if (!closed_ || behind_.empty()) continue;
      const Pair pair{in_order(before_), in_order(behind_), clipped()};
      if (std::ranges::find(result, pair) == result.end()) result.push_back(pair);
    }
    return result;
  }

 private:
  bool passes(const graph::Node& node) const {
    return graph::traits(node.operation).keeps_channels ||
           (level_ >= 2 && std::holds_alternative<graph::Add>(node.operation)) ||
           (level_ >= 3 && std::holds_alternative<graph::Flatten>(node.operation) &&
            network_.tensor(node.inputs[0]).shape.back() == network_.tensor(node.output).shape.back()) ||
           (level_ >= kThroughClips && std::holds_alternative<graph::Clip>(node.operation));
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

  std::vector<TensorIndex> clipped() const {
    std::vector<TensorIndex> outputs;
    for (const TensorIndex tensor : visited_)
      if (const graph::Node* producer = producer_of(network_, tensor);
          producer != nullptr && std::holds_alternative<graph::Clip>(producer->operation))
        outputs.push_back(tensor);
    return outputs;
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

// The largest weight of each channel on either side of a pair.
struct Extents {
  std::vector<float> up, down;
};

Extents extents_of(graph::Graph& network, const Pair& pair) {
  const auto channels = static_cast<std::size_t>(network.tensor(pair.before[0]->output).shape.back());
  Extents extents{std::vector<float>(channels, 0.0f), std::vector<float>(channels, 0.0f)};
  const auto widen = [](std::vector<float>& side) {
    return [&side](std::size_t c, float weight) { side[c] = std::max(side[c], std::abs(weight)); };
  };
  for (const graph::Node* node : pair.before) for_output_channels(network, *node, widen(extents.up));
  for (const graph::Node* node : pair.behind) for_input_channels(network, *node, widen(extents.down));
  return extents;
}

std::vector<float> equalizing_factors(graph::Graph& network, const Pair& pair, float threshold) {
  const auto [up, down] = extents_of(network, pair);
  std::vector<float> factors(up.size(), 1.0f);
  for (std::size_t c = 0; c < up.size(); ++c) {
    // A channel without weights on one side would grow, its bias too, in every iteration.
    if (up[c] + down[c] < threshold || up[c] == 0 || down[c] == 0) continue;
    factors[c] = std::clamp(1.0f / std::sqrt(up[c] / down[c]), kLeastFactor, kMostFactor);
  }
  return factors;
}

// Channels grow by at most `room`, and no further than the largest weight before: it sets the exponent of
// all.
std::vector<float> growing_factors(graph::Graph& network, const Pair& pair, const std::vector<float>& room) {
  const auto [up, down] = extents_of(network, pair);
  const float widest = *std::ranges::max_element(up);
  std::vector<float> most(up.size(), 1.0f), factors = most;
  float narrowest = 0;  // that the weights behind can become
  for (std::size_t c = 0; c < up.size(); ++c) {
    if (up[c] > 0) most[c] = std::max(1.0f, std::min({room[c], widest / up[c], kMostGrowth}));
    narrowest = std::max(narrowest, down[c] / most[c]);
  }
  for (std::size_t c = 0; c < up.size(); ++c)
    if (up[c] > 0 && narrowest > 0)
      factors[c] = std::clamp(std::sqrt(down[c] / narrowest * (widest / up[c])), 1.0f, most[c]);
  return factors;
}

void apply(graph::Graph& network, const Pair& pair, const std::vector<float>& factors) {
  for (const graph::Node* node : pair.before) {
    for_output_channels(network, *node, [&](std::size_t c, float& weight) { weight *= factors[c]; });
    if (node->inputs.size() < 3) continue;
    auto& bias = graph::float_values(network, node->inputs[2]);
    for (std::size_t c = 0; c < bias.size(); ++c) bias[c] *= factors[c];
  }
  for (const graph::Node* node : pair.behind)
    for_input_channels(network, *node, [&](std::size_t c, float& weight) { weight /= factors[c]; });
}

// By channel of a Clip's output, how many times larger it may become before its bounds cut what the interval
// holds, and as much again.
float room_of(const graph::Clip& clip, const Interval& seen) {
  constexpr float kHeadroom = 2;
  float room = std::numeric_limits<float>::max();
  if (seen.high > 0) room = std::min(room, clip.high / (kHeadroom * seen.high));
  if (seen.low < 0) room = std::min(room, clip.low / (kHeadroom * seen.low));
  return clip.low > 0 || clip.high < 0 ? 1.0f : std::max(1.0f, room);
}

// The values of each channel of each of `tensors`.
std::vector<std::vector<Interval>> observe_channels(const graph::Graph& network, const Pictures& pictures,
                                                    const std::vector<TensorIndex>& tensors) {
  constexpr std::size_t kTogether = 8;
  std::vector<std::vector<Interval>> seen;
  for (const TensorIndex tensor : tensors)
    seen.emplace_back(static_cast<std::size_t>(network.tensor(tensor).shape.back()));
  observe_batches("channels", network, pictures, tensors, kTogether,
                  [&](std::size_t i, std::span<const float> values) {
                    const std::size_t channels = seen[i].size();
                    for (std::size_t at = 0; at < values.size(); at += channels)
                      for (std::size_t c = 0; c < channels; ++c) seen[i][c].include(values[at + c]);
                  });
  return seen;
}

}  // namespace

Equalized equalized(const graph::Graph& network, const Equalization& how) {
  if (how.iterations < 1 || how.iterations > 1000)
    fail("{} iterations of equalization: give 1 to 1000", how.iterations);
  const auto pairs = PairFinder(network, how.level).pairs();
  const auto equalize = [&](graph::Graph& graph) {
    for (int i = 0; i < how.iterations; ++i)
      for (const Pair& pair : pairs) apply(graph, pair, equalizing_factors(graph, pair, how.threshold));
  };
  Equalized result{graph::after_passes(network, {{"equalization", equalize}}), {}};
  const auto names = [](const Nodes& nodes) {
    std::vector<std::string> list;
    for (const graph::Node* node : nodes) list.push_back(node->name);
    return list;
  };
  for (const Pair& pair : pairs) result.pairs.push_back({names(pair.before), names(pair.behind)});
  return result;
}

graph::Graph grown_below_clips(const graph::Graph& network, const Pictures& pictures) {
  std::vector<Pair> pairs = PairFinder(network, kThroughClips).pairs();
  std::erase_if(pairs, [](const Pair& pair) { return pair.clipped.size() != 1; });
  std::vector<TensorIndex> clipped;
  for (const Pair& pair : pairs) clipped.push_back(pair.clipped[0]);
  const auto seen = observe_channels(network, pictures, clipped);
  const auto grow = [&](graph::Graph& graph) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto& clip = std::get<graph::Clip>(producer_of(network, clipped[i])->operation);
      std::vector<float> room;
      for (const Interval& interval : seen[i]) room.push_back(room_of(clip, interval));
      apply(graph, pairs[i], growing_factors(graph, pairs[i], room));
    }
  };
  return graph::after_passes(network, {{"growing below Clips", grow}});
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
