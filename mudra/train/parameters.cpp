#include "mudra/train/parameters.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"

namespace mudra::train {
namespace {

// How many inputs of the node, from the second on, are learnt.
std::size_t learnt_inputs(const graph::Node& node) {
  if (std::holds_alternative<graph::Conv>(node.operation) ||
      std::holds_alternative<graph::Gemm>(node.operation))
    return node.inputs.size() - 1;
  if (std::holds_alternative<graph::PRelu>(node.operation)) return 1;
  return std::holds_alternative<graph::BatchNormalization>(node.operation) ? 2 : 0;
}

}  // namespace

std::vector<graph::TensorIndex> learnt_constants(const graph::Graph& graph) {
  std::vector<graph::TensorIndex> learnt;
  for (const graph::Node& node : graph.nodes)
    learnt.insert(learnt.end(), node.inputs.begin() + 1,
                  node.inputs.begin() + 1 + static_cast<std::ptrdiff_t>(learnt_inputs(node)));
  std::ranges::sort(learnt);
  learnt.erase(std::unique(learnt.begin(), learnt.end()), learnt.end());
  return learnt;
}

graph::Graph with_own_constants(graph::Graph graph) {
  std::vector<bool> read(graph.tensors.size(), false);
  for (graph::Node& node : graph.nodes)
    for (graph::TensorIndex& input : node.inputs) {
      if (!graph.tensor(input).is_constant()) continue;
      if (read[static_cast<std::size_t>(input)]) {
        graph::Tensor copy = graph.tensor(input);
        do copy.name += "_of_" + node.name;
        while (find_tensor(graph, copy.name));
        input = add_tensor(graph, std::move(copy));
        read.push_back(false);
      }
      read[static_cast<std::size_t>(input)] = true;
    }
  return graph;
}

NormalisationNode normalisation_node(const graph::Graph& graph, const graph::Node& node) {
  const std::string& scale = graph.tensor(node.inputs[1]).name;
  const auto counter = find_tensor(graph, scale.substr(0, scale.rfind('.') + 1) + "num_batches_tracked");
  const bool counts = counter && graph.tensor(*counter).type == graph::Type::kInt64;
  return {.scale = node.inputs[1],
          .shift = node.inputs[2],
          .running_mean = node.inputs[3],
          .running_variance = node.inputs[4],
          .batches_tracked = counts ? *counter : -1,
          .epsilon = std::get<graph::BatchNormalization>(node.operation).epsilon};
}

Parameters::Parameters(graph::Graph& graph) : graph_(graph), gradients_(graph.tensors.size()) {
  for (const graph::Tensor& tensor : graph.tensors) {
    const auto index = static_cast<graph::TensorIndex>(&tensor - graph.tensors.data());
    if (tensor.is_constant() && reader_count(graph, index) > 1)
      fail("several nodes share '{}'; give each its own to train them", tensor.name);
  }
  for (const graph::TensorIndex i : learnt_constants(graph))
    gradients_[static_cast<std::size_t>(i)].resize(float_values(graph.tensor(i)).size());
}

Parameter Parameters::at(graph::TensorIndex tensor) {
  return {graph_.tensor(tensor).shape, float_values(graph_, tensor),
          gradients_[static_cast<std::size_t>(tensor)]};
}

Normalisation Parameters::at(const NormalisationNode& node) {
  std::int64_t* counter = nullptr;
  if (node.batches_tracked >= 0)
    counter = &std::get<std::vector<std::int64_t>>(*graph_.tensor(node.batches_tracked).values)[0];
  return {.scale = at(node.scale),
          .shift = at(node.shift),
          .running_mean = float_values(graph_, node.running_mean),
          .running_variance = float_values(graph_, node.running_variance),
          .batches_tracked = counter,
          .epsilon = node.epsilon};
}

NormalisedConv Parameters::at(graph::TensorIndex weight, const NormalisationNode& node) {
  return {at(node), at(weight)};
}

}  // namespace mudra::train
