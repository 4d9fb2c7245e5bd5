// Other classes for a trained network.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/graph/graph.hpp"

namespace mudra::train {

inline constexpr int kNewRow = -1;

// The network with rows.size() outputs. Output i has the weights and the bias that output rows[i] had, or new
// ones as initialise() draws them from `seed`. Throws Error for a network that does not end in a Gemm or Conv
// with a row for each output.
graph::Graph with_outputs(const graph::Graph& network, std::span<const int> rows, std::uint64_t seed);

}  // namespace mudra::train
