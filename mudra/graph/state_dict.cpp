#include "mudra/graph/state_dict.hpp"

#include <fmt/ranges.h>

#include <algorithm>

#include "mudra/base/error.hpp"

namespace mudra::graph {

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

}  // namespace mudra::graph
