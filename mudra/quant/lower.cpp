#include "mudra/quant/lower.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

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
}

}  // namespace

graph::Graph lowered(const graph::Graph& network) {
  check(network);
  return graph::after_passes(
      graph::fold_batch_normalization(network),
      {{"fusing Relu", fuse_relu},
       {"splitting shared constants", split_shared_constants},
       {"leaving out the unused", [](graph::Graph& result) { result = graph::without_unused(result); }}});
}

bool is_computing(const graph::Node& node) {
  return std::holds_alternative<graph::Conv>(node.operation) ||
         std::holds_alternative<graph::Gemm>(node.operation);
}

const graph::Node* producer_of(const graph::Graph& network, graph::TensorIndex tensor) {
  const auto found = std::ranges::find(network.nodes, tensor, &graph::Node::output);
  return found == network.nodes.end() ? nullptr : &*found;
}

std::size_t activation_inputs(const graph::Node& node) {
  return std::holds_alternative<graph::Add>(node.operation) ? 2 : 1;
}

std::int64_t multiply_adds(const graph::Graph& network, const graph::Node& node) {
  if (!is_computing(node)) return 0;
  const graph::Shape &weight = network.tensor(node.inputs[1]).shape,
                     &output = network.tensor(node.output).shape;
  return graph::element_count(weight) / weight[0] * graph::element_count(output);
}

std::int64_t multiply_adds(const graph::Graph& network) {
  std::int64_t sum = 0;
  for (const graph::Node& node : network.nodes) sum += multiply_adds(network, node);
  return sum;
}

}  // namespace mudra::quant
