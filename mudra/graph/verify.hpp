// The rules every graph keeps, checked after each reader and each pass.
#pragma once

#include <string_view>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// Throws Error unless
// - tensors and nodes have names of their own;
// - sizes are at least 1, constants hold as many values of their type as their shape says, integers that
//   nodes read or write have an exponent and floats have none;
// - every tensor a node reads is a constant, the graph's input, or an earlier node's output; no tensor is
//   written twice; the output is written or is the input; weights, biases and statistics are constants;
// - every node suits its inputs (output_form) and its output tensor has that form; a node's activations are
//   all float or all integer;
// - class names are as many as outputs, or none.
void verify(const Graph& graph);

// The same of what a pass of ours has made; an Error begins with "after PASS: ".
void verify(const Graph& graph, std::string_view pass);

}  // namespace mudra::graph
