#include "mudra/graph/state_dict.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"

namespace mudra::graph {

namespace {

const std::int64_t& integer(const StateDict& state, std::string_view name) {
  const NamedTensor* tensor = find(state, name);
  if (tensor == nullptr) fail("'{}' is missing", name);
  const auto* values = std::get_if<std::vector<std::int64_t>>(&tensor->values);
  if (values == nullptr || values->size() != 1) fail("'{}' is not one integer", name);
  return values->front();
}

void check_variances(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (!std::holds_alternative<BatchNormalization>(node.operation)) continue;
    const Tensor& variances = graph.tensor(node.inputs[4]);
    for (const float variance : float_values(variances))
      if (!(variance >= 0)) fail("'{}' holds {}", variances.name, variance);
  }
}

}  // namespace

const NamedTensor* find(const StateDict& state, std::string_view name) {
  const auto it = std::ranges::find(state.tensors, name, &NamedTensor::name);
  return it == state.tensors.end() ? nullptr : &*it;
}

const std::vector<float>& floats(const StateDict& state, std::string_view name,
                                 const std::vector<std::int64_t>& shape) {
  const NamedTensor* tensor = find(state, name);
  if (tensor == nullptr) fail("'{}' is missing", name);
  const auto* values = std::get_if<std::vector<float>>(&tensor->values);
  if (values == nullptr) fail("'{}' holds integers, not floats", name);
  const bool fits = std::ranges::equal(
      tensor->shape, shape, [](std::int64_t have, std::int64_t want) { return want == -1 || have == want; });
  if (!fits)
    fail("'{}' has shape [{}], not [{}]", name, fmt::join(tensor->shape, ", "), fmt::join(shape, ", "));
  return *values;
}

StateDict state_dict(const Graph& graph) {
  StateDict state;
  for (const Tensor& tensor : graph.tensors) {
    if (!tensor.is_constant()) continue;
    if (const auto* counter = std::get_if<std::vector<std::int64_t>>(&*tensor.values))
      state.tensors.push_back({tensor.name, tensor.shape, *counter});
    else
      state.tensors.push_back({tensor.name, tensor.shape, float_values(tensor)});
  }
  return state;
}

void put(Graph& graph, const StateDict& state) {
  for (Tensor& tensor : graph.tensors) {
    if (!tensor.is_constant()) continue;
    if (tensor.type == Type::kInt64)
      tensor.values = Values(std::vector{integer(state, tensor.name)});
    else
      tensor.values = Values(floats(state, tensor.name, tensor.shape));
  }
  check_variances(graph);
  for (const NamedTensor& tensor : state.tensors) {
    const auto known = find_tensor(graph, tensor.name);
    if (!known || !graph.tensor(*known).is_constant()) fail("'{}' is not part of this network", tensor.name);
  }
}

}  // namespace mudra::graph
