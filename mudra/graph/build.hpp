// Adding tensors and nodes to a graph that grows from input to output.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

TensorIndex add_tensor(Graph& graph, Tensor tensor);

// A float constant.
TensorIndex add_constant(Graph& graph, std::string name, Shape shape, Layout layout,
                         std::vector<float> values);

// A float node with its output tensor, called like the node; gives the output. The shape is inferred: throws
// Error as output_form does.
TensorIndex add_node(Graph& graph, std::string name, Operation operation, std::vector<TensorIndex> inputs);

// The float values of a constant. Throws Error when it is not one.
const std::vector<float>& float_values(const Tensor& tensor);
std::vector<float>& float_values(Graph& graph, TensorIndex tensor);

// How many nodes read a tensor, the graph's own output counted as one more reader.
int reader_count(const Graph& graph, TensorIndex tensor);

// The one node that reads `tensor`, unless there are others or it is the graph's output: nullptr.
Node* sole_reader(Graph& graph, TensorIndex tensor);
const Node* sole_reader(const Graph& graph, TensorIndex tensor);

// The node that writes `tensor`; nullptr for the graph's input and constants.
Node* producer_of(Graph& graph, TensorIndex tensor);
const Node* producer_of(const Graph& graph, TensorIndex tensor);

// Whether [n, h, w, c] and [n, c, h, w] of this map hold their values in the same order.
bool is_channels_first_too(const Shape& map);

// The flag of a Conv or Gemm that ends in a Relu; nullptr for other nodes, which have none.
bool* fused_relu(Node& node);
const bool* fused_relu(const Node& node);
inline bool has_fused_relu(const Node& node) { return fused_relu(node) != nullptr && *fused_relu(node); }

// The graph without the nodes that do not lead to the output and the tensors nobody reads or writes; the
// input stays. The order of what remains is kept.
Graph without_unused(const Graph& graph);

}  // namespace mudra::graph
