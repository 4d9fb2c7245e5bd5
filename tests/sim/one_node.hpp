// Integer networks of one node with random contents, for the tests of single kernels.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::sim {

// How extreme the numbers are.
enum class Spread { kSmall, kAny, kExtreme };

template <typename Integer>
std::vector<Integer> random_integers(std::size_t count, Spread spread, Random& random) {
  constexpr Integer kLeast = std::numeric_limits<Integer>::min(), kMost = std::numeric_limits<Integer>::max();
  std::vector<Integer> values(count);
  for (Integer& value : values) {
    value = static_cast<Integer>(random.bits());
    if (spread == Spread::kSmall) value = static_cast<Integer>(value / (kMost / 12));
    if (spread == Spread::kExtreme && random.below(4) != 0) value = random.below(2) == 0 ? kLeast : kMost;
  }
  return values;
}

// A graph that grows by hand.
struct GraphBuilder {
  graph::Graph graph;

  graph::TensorIndex activation(std::string name, graph::Shape shape, graph::Type type, int exponent) {
    const auto layout = shape.size() == 4 ? graph::Layout::kNhwc : graph::Layout::kNc;
    graph.tensors.push_back({std::move(name), std::move(shape), layout, type, exponent, {}});
    return static_cast<graph::TensorIndex>(graph.tensors.size() - 1);
  }

  graph::TensorIndex constant(std::string name, graph::Shape shape, graph::Layout layout, int exponent,
                              graph::Values values) {
    const auto type = static_cast<graph::Type>(values.index());
    graph.tensors.push_back({std::move(name), std::move(shape), layout, type, exponent, std::move(values)});
    return static_cast<graph::TensorIndex>(graph.tensors.size() - 1);
  }

  void node(std::string name, graph::Operation operation, std::vector<graph::TensorIndex> inputs,
            graph::TensorIndex output) {
    graph.nodes.push_back({std::move(name), std::move(operation), std::move(inputs), output});
    graph.output = output;
  }
};

template <typename Integer>
constexpr graph::Type kTypeOf = sizeof(Integer) == 1 ? graph::Type::kInt8 : graph::Type::kInt16;

// A graph of one node that reads only the input.
inline graph::Graph one_node(graph::Operation operation, graph::Shape in, graph::Type in_type,
                             int in_exponent, graph::Shape out, graph::Type out_type, int out_exponent) {
  GraphBuilder builder;
  const auto input = builder.activation("input", std::move(in), in_type, in_exponent);
  const auto output = builder.activation("output", std::move(out), out_type, out_exponent);
  builder.graph.input = input;
  builder.node("node", std::move(operation), {input}, output);
  return std::move(builder.graph);
}

}  // namespace mudra::sim
