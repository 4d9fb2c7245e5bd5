#include "mudra/quant/tail_run.hpp"

#include <algorithm>

namespace mudra::quant {
namespace {

using graph::TensorIndex;

graph::Graph tail_of(const graph::Graph& network, TensorIndex from) {
  graph::Graph tail = network;
  tail.input = from;
  tail.nodes.clear();
  std::vector<bool> changed(network.tensors.size(), false);
  changed[static_cast<std::size_t>(from)] = true;
  for (const graph::Node& node : network.nodes)
    if (std::ranges::any_of(node.inputs,
                            [&](TensorIndex i) { return changed[static_cast<std::size_t>(i)]; })) {
      changed[static_cast<std::size_t>(node.output)] = true;
      tail.nodes.push_back(node);
    }
  return tail;
}

// The activations that nodes of `tail` read and no node of it writes, but its input.
std::vector<TensorIndex> read_beside(const graph::Graph& tail) {
  std::vector<TensorIndex> found;
  for (const graph::Node& node : tail.nodes)
    for (const TensorIndex input : node.inputs)
      if (input != tail.input && !tail.tensor(input).is_constant() &&
          std::ranges::count(tail.nodes, input, &graph::Node::output) == 0 &&
          std::ranges::count(found, input) == 0)
        found.push_back(input);
  return found;
}

}  // namespace

TailRun::TailRun(const graph::Graph& network, TensorIndex from, std::size_t max_batch)
    : TailRun(tail_of(network, from), max_batch) {}

TailRun::TailRun(const graph::Graph& tail, std::size_t max_batch)
    : given_(read_beside(tail)),
      runner_(tail, {.max_batch = static_cast<int>(max_batch), .keep = {}, .given = given_}) {}

void TailRun::run(std::span<const float> values, const std::vector<std::vector<float>>& unchanged,
                  std::vector<float>& outputs) {
  for (const TensorIndex tensor : given_) runner_.give(tensor, unchanged[static_cast<std::size_t>(tensor)]);
  outputs.resize(values.size() / runner_.input_size() * runner_.output_size());
  runner_.run(values, outputs);
}

}  // namespace mudra::quant
