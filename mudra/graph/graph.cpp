#include "mudra/graph/graph.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

namespace mudra::graph {

const char* name_of(Type type) {
  static constexpr std::array kNames = {"float32", "int8", "int16", "int32", "int64"};
  return kNames[static_cast<std::size_t>(type)];
}

const char* name_of(Layout layout) {
  static constexpr std::array kNames = {"NHWC", "NC", "OIHW", "OI", "vector", "scalar"};
  return kNames[static_cast<std::size_t>(layout)];
}

std::int64_t element_count(const Shape& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::optional<TensorIndex> find_tensor(const Graph& graph, std::string_view name) {
  const auto it = std::ranges::find(graph.tensors, name, &Tensor::name);
  if (it == graph.tensors.end()) return std::nullopt;
  return static_cast<TensorIndex>(it - graph.tensors.begin());
}

const Node* find_node(const Graph& graph, std::string_view name) {
  const auto it = std::ranges::find(graph.nodes, name, &Node::name);
  return it == graph.nodes.end() ? nullptr : &*it;
}

}  // namespace mudra::graph
