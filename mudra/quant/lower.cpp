#include "mudra/quant/lower.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

// What is at least 0 before a MaxPool is so behind it: the Relu goes first, where it can be fused.
void bring_relu_before_max_pool(graph::Graph& network) {
  for (graph::Node& node : network.nodes) {
    if (!std::holds_alternative<graph::MaxPool>(node.operation)) continue;
    graph::Node* relu = graph::sole_reader(network, node.output);
    if (relu == nullptr || !std::holds_alternative<graph::Relu>(relu->operation)) continue;
    network.tensor(node.output).shape = network.tensor(node.inputs[0]).shape;
    std::swap(node.operation, relu->operation);
    std::swap(node.name, relu->name);
  }
}

// The node that multiplies what `gate` makes of its input by that input, alone; nullptr: there is none.
const graph::Node* gated(const graph::Graph& network, const graph::Node& gate) {
  const graph::Node* reader = graph::sole_reader(network, gate.output);
  if (reader == nullptr || !std::holds_alternative<graph::Mul>(reader->operation)) return nullptr;
  return std::ranges::count(reader->inputs, gate.inputs[0]) == 1 ? reader : nullptr;
}

void fuse_gates(graph::Graph& network) {
  const graph::Activation hard{graph::Function::kHardSigmoid, 1.0f / 6, 0.5f};
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    graph::Node& node = network.nodes[i];
    const auto* activation = std::get_if<graph::Activation>(&node.operation);
    const bool is_hard = activation != nullptr && *activation == hard;
    if (activation == nullptr || (!is_hard && activation->function != graph::Function::kSigmoid)) continue;
    const graph::Node* product = gated(network, node);
    if (product == nullptr) continue;
    node.operation = graph::Activation{is_hard ? graph::Function::kHardSwish : graph::Function::kSwish};
    node.name = product->name;
    node.output = product->output;
    network.nodes.erase(network.nodes.begin() + (product - network.nodes.data()));  // it stands behind `node`
  }
}

void fuse_relu(graph::Graph& network) {
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    graph::Node& node = network.nodes[i];
    bool* fused = graph::fused_relu(node);
    const graph::Node* reader = fused != nullptr ? graph::sole_reader(network, node.output) : nullptr;
    if (reader == nullptr || !std::holds_alternative<graph::Relu>(reader->operation)) continue;
    *fused = true;
    node.output = reader->output;
    network.nodes.erase(network.nodes.begin() + (reader - network.nodes.data()));  // it stands behind `node`
  }
}

// Constants that several nodes read get a copy for each: their integers may differ.
void split_shared_constants(graph::Graph& network) {
  std::vector<bool> read(network.tensors.size(), false);
  for (graph::Node& node : network.nodes)
    for (graph::TensorIndex& input : node.inputs) {
      if (!network.tensor(input).is_constant()) continue;
      if (!read[static_cast<std::size_t>(input)]) {
        read[static_cast<std::size_t>(input)] = true;
        continue;
      }
      graph::Tensor copy = network.tensor(input);
      copy.name = fmt::format("{}.{}", node.name, copy.name);
      input = graph::add_tensor(network, std::move(copy));
      read.push_back(true);
    }
}

void check(const graph::Graph& network) {
  const float most = std::ldexp(127.0f, kMostExponent);  // in 8 bits
  for (const graph::Tensor& tensor : network.tensors) {
    if (tensor.type != graph::Type::kFloat32)
      fail("tensor '{}' is {}; a float network is quantized", tensor.name, graph::name_of(tensor.type));
    if (!tensor.is_constant()) continue;
    for (const float value : graph::float_values(tensor))
      if (!(std::abs(value) <= most))
        fail("'{}' holds {}, which cannot be quantized; at most {:.3g} can", tensor.name, value, most);
  }
  const graph::Shape& input = network.tensor(network.input).shape;
  if (input.empty() || input[0] != 1) fail("the network's batch size is not 1");
  for (const graph::Node& node : network.nodes) {
    const auto* pool = std::get_if<graph::AveragePool>(&node.operation);
    if (pool != nullptr && !pool->count_include_pad)
      fail(
          "node '{}' (AveragePool): its mean is without the padding (count_include_pad = 0), the chip's is "
          "over "
          "the whole window; train it with count_include_pad = 1 or without padding",
          node.name);
  }
}

}  // namespace

graph::Graph lowered(const graph::Graph& network) {
  check(network);
  return graph::after_passes(
      graph::fold_batch_normalization(network),
      {{"bringing Relu before MaxPool", bring_relu_before_max_pool},
       {"fusing gates", fuse_gates},
       {"fusing Relu", fuse_relu},
       {"splitting shared constants", split_shared_constants},
       {"leaving out the unused", [](graph::Graph& result) { result = graph::without_unused(result); }}});
}

}  // namespace mudra::quant
