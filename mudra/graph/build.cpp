#include "mudra/graph/build.hpp"

#include <algorithm>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/graph/shape_inference.hpp"

namespace mudra::graph {

TensorIndex add_tensor(Graph& graph, Tensor tensor) {
  graph.tensors.push_back(std::move(tensor));
  return static_cast<TensorIndex>(graph.tensors.size() - 1);
}

TensorIndex add_constant(Graph& graph, std::string name, Shape shape, Layout layout,
                         std::vector<float> values) {
  return add_tensor(graph, {.name = std::move(name),
                            .shape = std::move(shape),
                            .layout = layout,
                            .type = Type::kFloat32,
                            .exponent = {},
                            .values = Values(std::move(values))});
}

TensorIndex add_node(Graph& graph, std::string name, Operation operation, std::vector<TensorIndex> inputs) {
  Node node{.name = name, .operation = std::move(operation), .inputs = std::move(inputs), .output = 0};
  TensorForm form = output_form(graph, node);
  node.output = add_tensor(graph, {.name = std::move(name),
                                   .shape = std::move(form.shape),
                                   .layout = form.layout,
                                   .type = Type::kFloat32,
                                   .exponent = {},
                                   .values = {}});
  graph.nodes.push_back(std::move(node));
  return graph.nodes.back().output;
}

const std::vector<float>& float_values(const Tensor& tensor) {
  const auto* values = tensor.values ? std::get_if<std::vector<float>>(&*tensor.values) : nullptr;
  if (values == nullptr) fail("'{}' is no float constant", tensor.name);
  return *values;
}

std::vector<float>& float_values(Graph& graph, TensorIndex tensor) {
  return const_cast<std::vector<float>&>(float_values(std::as_const(graph.tensor(tensor))));
}

int reader_count(const Graph& graph, TensorIndex tensor) {
  int readers = graph.output == tensor ? 1 : 0;
  for (const Node& node : graph.nodes) readers += static_cast<int>(std::ranges::count(node.inputs, tensor));
  return readers;
}

const Node* sole_reader(const Graph& graph, TensorIndex tensor) {
  if (reader_count(graph, tensor) != 1 || graph.output == tensor) return nullptr;
  return &*std::ranges::find_if(
      graph.nodes, [&](const Node& node) { return std::ranges::count(node.inputs, tensor) > 0; });
}

Node* sole_reader(Graph& graph, TensorIndex tensor) {
  return const_cast<Node*>(sole_reader(std::as_const(graph), tensor));
}

const Node* producer_of(const Graph& graph, TensorIndex tensor) {
  const auto found = std::ranges::find(graph.nodes, tensor, &Node::output);
  return found == graph.nodes.end() ? nullptr : &*found;
}

Node* producer_of(Graph& graph, TensorIndex tensor) {
  return const_cast<Node*>(producer_of(std::as_const(graph), tensor));
}

bool is_channels_first_too(const Shape& map) { return map[3] == 1 || map[1] * map[2] == 1; }

const bool* fused_relu(const Node& node) {
  if (const auto* conv = std::get_if<Conv>(&node.operation)) return &conv->fused_relu;
  if (const auto* gemm = std::get_if<Gemm>(&node.operation)) return &gemm->fused_relu;
  return nullptr;
}

bool* fused_relu(Node& node) { return const_cast<bool*>(fused_relu(std::as_const(node))); }

Graph without_unused(const Graph& graph) {
  std::vector<bool> used(graph.tensors.size(), false);
  const auto mark = [&](TensorIndex i) { used[static_cast<std::size_t>(i)] = true; };
  mark(graph.input);
  mark(graph.output);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node)
    if (used[static_cast<std::size_t>(node->output)]) std::ranges::for_each(node->inputs, mark);

  Graph kept;
  kept.name = graph.name;
  kept.class_names = graph.class_names;
  kept.metadata = graph.metadata;
  std::vector<TensorIndex> renumbered(graph.tensors.size(), -1);
  for (std::size_t i = 0; i < used.size(); ++i)
    if (used[i]) renumbered[i] = add_tensor(kept, graph.tensors[i]);
  const auto new_index = [&](TensorIndex i) { return renumbered[static_cast<std::size_t>(i)]; };
  for (Node node : graph.nodes) {
    if (new_index(node.output) < 0) continue;
    std::ranges::transform(node.inputs, node.inputs.begin(), new_index);
    node.output = new_index(node.output);
    kept.nodes.push_back(std::move(node));
  }
  kept.input = new_index(graph.input);
  kept.output = new_index(graph.output);
  return kept;
}

}  // namespace mudra::graph
