// Runs a float graph node by node, plainly and in double precision: the oracle for everything faster.
#pragma once

#include <span>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// Values by TensorIndex, row-major in the tensor's own shape; those of constants are empty.
using Activations = std::vector<std::vector<float>>;

// Every tensor the nodes compute from one input, `input` itself in its place. Sums are taken in double and
// each tensor rounded to float once. The graph must be float and verified, its batch size 1; throws Error for
// an operation without a float meaning, or an input of another size.
Activations run_reference(const Graph& graph, std::span<const float> input);

// The same of one node alone, whose constants are the graph's: its activations in order, its output's values
// to `out`.
void run_reference(const Graph& graph, const Node& node, std::span<const std::span<const float>> activations,
                   std::span<float> out);

}  // namespace mudra::graph
