#include "mudra/train/classifier.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/shape_inference.hpp"
#include "mudra/graph/verify.hpp"
#include "mudra/train/initialise.hpp"

namespace mudra::train {
namespace {

// The last node with weights; what follows it may only move its outputs or average each of them.
const graph::Node& classifier_of(const graph::Graph& network) {
  const graph::Node* node = producer_of(network, network.output);
  while (node != nullptr && (std::holds_alternative<graph::Flatten>(node->operation) ||
                             std::holds_alternative<graph::Transpose>(node->operation) ||
                             std::holds_alternative<graph::GlobalAveragePool>(node->operation)))
    node = producer_of(network, node->inputs[0]);
  const auto* conv = node == nullptr ? nullptr : std::get_if<graph::Conv>(&node->operation);
  const bool has_rows = node != nullptr && ((conv != nullptr && !conv->depthwise) ||
                                            std::holds_alternative<graph::Gemm>(node->operation));
  if (!has_rows || network.tensor(node->inputs[1]).shape[0] != network.tensor(network.output).shape.back())
    fail("its classes stay as they are: it does not end in a Gemm or Conv with an output for each");
  return *node;
}

}  // namespace

graph::Graph with_outputs(const graph::Graph& network, std::span<const int> rows, std::uint64_t seed) {
  const std::vector<graph::TensorIndex> inputs = classifier_of(network).inputs;
  graph::Graph grown = network;
  grown.class_names.clear();
  const std::span learnt = std::span(inputs).subspan(1);
  for (const graph::TensorIndex i : learnt) {
    graph::Shape& shape = grown.tensor(i).shape;
    shape[0] = std::ssize(rows);
    float_values(grown, i).resize(static_cast<std::size_t>(graph::element_count(shape)));
  }
  for (const graph::Node& node : grown.nodes)
    grown.tensor(node.output).shape = output_form(grown, node).shape;
  graph::Graph fresh = grown;
  initialise(fresh, seed);
  for (const graph::TensorIndex i : learnt) {
    const std::vector<float>& before = float_values(network.tensor(i));
    std::vector<float>& values = float_values(grown, i) = float_values(fresh.tensor(i));
    const auto row = std::ssize(values) / std::ssize(rows);
    for (std::ptrdiff_t k = 0; k < std::ssize(rows); ++k)
      if (const int old = rows[static_cast<std::size_t>(k)]; old != kNewRow)
        std::copy_n(before.begin() + old * row, row, values.begin() + k * row);
  }
  verify(grown, "other classes");
  return grown;
}

}  // namespace mudra::train
