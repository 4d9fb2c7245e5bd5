#include "mudra/quant/fit_ranges.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>
#include <span>

#include "mudra/graph/build.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/verify.hpp"
#include "mudra/quant/lower.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

std::size_t index(TensorIndex tensor) { return static_cast<std::size_t>(tensor); }

std::vector<float>& values_of(graph::Graph& network, TensorIndex tensor) {
  return std::get<std::vector<float>>(*network.tensor(tensor).values);
}

bool contains(const ScaleGroup& group, TensorIndex tensor) {
  return std::ranges::find(group, tensor) != group.end();
}

std::vector<const graph::Node*> readers_of(const graph::Graph& network, TensorIndex tensor) {
  std::vector<const graph::Node*> readers;
  for (const graph::Node& node : network.nodes)
    if (std::ranges::count(node.inputs, tensor) > 0) readers.push_back(&node);
  return readers;
}

bool is_padded(const graph::Node& node) {
  const auto* conv = std::get_if<graph::Conv>(&node.operation);
  if (conv == nullptr) return false;
  const graph::Window& window = conv->window;
  return window.pad_top + window.pad_left + window.pad_bottom + window.pad_right > 0;
}

}  // namespace

std::vector<ScaleGroup> scale_groups(const graph::Graph& network) {
  std::vector<TensorIndex> root(network.tensors.size());
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](TensorIndex tensor) {
    while (root[index(tensor)] != tensor) tensor = root[index(tensor)];
    return tensor;
  };
  for (const graph::Node& node : network.nodes)
    if (!is_computing(node))
      for (std::size_t slot = 0; slot < activation_inputs(node); ++slot)
        root[index(find(node.output))] = find(node.inputs[slot]);
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
    if (!is_computing(node) || (!writes && !reads)) continue;
    for (float& weight : values_of(network, node.inputs[1])) {
      if (writes) weight *= factor;
      if (reads) weight /= factor;
    }
    if (writes && node.inputs.size() > 2)
      for (float& bias : values_of(network, node.inputs[2])) bias *= factor;
  }
}

bool can_shift(const graph::Graph& network, const graph::Node& node) {
  if (!std::holds_alternative<graph::Clip>(node.operation) || node.output == network.output) return false;
  const graph::Node* producer = producer_of(network, node.inputs[0]);
  if (producer == nullptr || !is_computing(*producer) || producer->inputs.size() < 3 ||
      graph::sole_reader(network, node.inputs[0]) == nullptr)
    return false;
  return std::ranges::all_of(readers_of(network, node.output), [](const graph::Node* reader) {
    return is_computing(*reader) && !is_padded(*reader) && reader->inputs.size() > 2;
  });
}

void shift(graph::Graph& network, const graph::Node& node, float offset) {
  assert(can_shift(network, node));
  const auto place = static_cast<std::size_t>(&node - network.nodes.data());
  auto& clip = std::get<graph::Clip>(network.nodes[place].operation);
  clip.low -= offset;
  clip.high -= offset;
  for (float& bias : values_of(network, producer_of(network, node.inputs[0])->inputs[2])) bias -= offset;
  for (const graph::Node* reader : readers_of(network, node.output)) {
    const std::vector<float>& weights = graph::float_values(network.tensor(reader->inputs[1]));
    std::vector<float>& biases = values_of(network, reader->inputs[2]);
    const std::size_t each = weights.size() / biases.size();
    for (std::size_t c = 0; c < biases.size(); ++c) {
      const auto own = std::span(weights).subspan(c * each, each);
      const double sum = std::accumulate(own.begin(), own.end(), 0.0);
      biases[c] = static_cast<float>(double{biases[c]} + sum * double{offset});
    }
  }
}

graph::Graph without_saturated_clips(const graph::Graph& integer) {
  graph::Graph result = integer;
  for (graph::Node& node : result.nodes) {
    const auto* clip = std::get_if<graph::Clip>(&node.operation);
    if (clip == nullptr) continue;
    const graph::Tensor& input = result.tensor(node.inputs[0]);
    const graph::Node* writer = producer_of(result, node.inputs[0]);
    const bool narrow = input.type == graph::Type::kInt8;
    const std::int32_t most = narrow ? std::numeric_limits<std::int8_t>::max()
                                     : std::numeric_limits<std::int16_t>::max();
    const graph::ClipBounds bounds = graph::clip_bounds(*clip, input);
    const bool fits = bounds.high == most && (bounds.low == 0 || bounds.low == -most - 1);
    if (!fits || writer == nullptr || !is_computing(*writer) ||
        graph::sole_reader(result, node.inputs[0]) == nullptr)
      continue;
    graph::Node& producer = result.nodes[static_cast<std::size_t>(writer - result.nodes.data())];
    if (bounds.low == 0) {
      if (auto* conv = std::get_if<graph::Conv>(&producer.operation)) conv->fused_relu = true;
      if (auto* gemm = std::get_if<graph::Gemm>(&producer.operation)) gemm->fused_relu = true;
    }
    producer.output = node.output;
    node.inputs.clear();  // marks it as taken in
  }
  std::erase_if(result.nodes, [](const graph::Node& node) { return node.inputs.empty(); });
  result = graph::without_unused(result);
  graph::verify(result, "fitting ranges");
  return result;
}

}  // namespace mudra::quant
