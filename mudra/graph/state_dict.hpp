// A network's weights as PyTorch names them: an ordered list of named arrays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

struct NamedTensor {
  std::string name;  // "layers.0.conv.0.weight"
  std::vector<std::int64_t>
      shape;  // PyTorch's: [out, in, kernel_h, kernel_w] for convolutions; empty: a scalar
  std::variant<std::vector<float>, std::vector<std::int64_t>> values;  // row-major, product(shape) of them

  bool operator==(const NamedTensor&) const = default;
};

struct StateDict {
  std::vector<NamedTensor> tensors;

  bool operator==(const StateDict&) const = default;
};

// nullptr when there is none of that name.
const NamedTensor* find(const StateDict& state, std::string_view name);

// The float values of the tensor called `name`. Throws Error when it is missing, of another type or shape;
// -1 in `shape` accepts any size.
const std::vector<float>& floats(const StateDict& state, std::string_view name,
                                 const std::vector<std::int64_t>& shape);

// The constants of a float graph by name, in its order, the counters that nothing reads too.
StateDict state_dict(const Graph& graph);

// Gives every constant of the graph the values of its name. Throws Error for a missing, misshapen or unknown
// array, and for a negative variance.
void put(Graph& graph, const StateDict& state);

}  // namespace mudra::graph
