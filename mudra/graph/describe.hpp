// A graph as text for people.
#pragma once

#include <cstdint>
#include <string>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// "3x3, stride 2x2, padding 1 1 1 1 (top, left, bottom, right)", "0 to 6"; empty where there is nothing to
// say.
std::string details_of(const Operation& operation);

// What the graph says about itself; every node with its output's shape, its parameters and multiply-adds; and
// their sums.
std::string describe(const Graph& graph);

}  // namespace mudra::graph
