// The float network in the shape the chip runs: what can be folded or fused is, what it cannot run is
// refused.
#pragma once

#include "mudra/graph/graph.hpp"

namespace mudra::quant {

// Normalisations folded, a Relu that alone reads a Conv or Gemm taken into it (which then writes the Relu's
// tensor). Throws Error, naming the node, for an integer graph, a batch size other than 1, and weights that
// are not finite.
graph::Graph lowered(const graph::Graph& network);

// Conv or Gemm: what has weights.
bool is_computing(const graph::Node& node);

// The node that writes `tensor`; nullptr for the network's input.
const graph::Node* producer_of(const graph::Graph& network, graph::TensorIndex tensor);

// How many of the node's inputs are activations: 2 for Add, else 1.
std::size_t activation_inputs(const graph::Node& node);

// Multiply-adds of one run.
std::int64_t multiply_adds(const graph::Graph& network, const graph::Node& node);
std::int64_t multiply_adds(const graph::Graph& network);

}  // namespace mudra::quant
