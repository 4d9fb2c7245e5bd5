// What a node's output looks like, from its inputs.
#pragma once

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// Larger networks than any chip of this family could hold are refused before memory is asked for.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 26;  // of one tensor
inline constexpr int kMaxPadding = 1024;

struct TensorForm {
  Shape shape;
  Layout layout = Layout::kNhwc;

  bool operator==(const TensorForm&) const = default;
};

// Throws Error for a size below 1 or more than kMaxElements.
void check_shape(const Shape& shape);

// Throws Error, without the node's name, when the number, shapes or layouts of the inputs do not suit the
// operation. The inputs must be indices into graph.tensors.
TensorForm output_form(const Graph& graph, const Node& node);

}  // namespace mudra::graph
