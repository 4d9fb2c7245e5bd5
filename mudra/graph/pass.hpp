// Passes: named changes of a graph.
#pragma once

#include <functional>
#include <initializer_list>
#include <string_view>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

struct Pass {
  std::string_view name;  // "folding BatchNormalization"
  std::function<void(Graph&)> change;
};

// `graph` after one pass after the other, verified after each. Throws Error as verify() does, with the name
// of the pass that broke a rule.
Graph after_passes(Graph graph, std::initializer_list<Pass> passes);

}  // namespace mudra::graph
