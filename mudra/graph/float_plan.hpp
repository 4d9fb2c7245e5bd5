// From a float graph to the steps FloatRunner takes: what can be done together, and where maps lie.
#pragma once

#include <vector>

#include "mudra/graph/float_steps.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::graph {

struct FloatPlan {
  std::vector<FloatStep> steps;
  std::vector<Place> places;                       // by TensorIndex; kNowhere for what is never stored
  std::size_t map_floats = 0, scratch_floats = 0;  // of one image
};

// Tensors in `keep` are stored; those in `given` have places and are there before the first step. Throws
// Error as FloatRunner's constructor does.
FloatPlan plan_float_run(const Graph& graph, const std::vector<TensorIndex>& keep,
                         const std::vector<TensorIndex>& given);

}  // namespace mudra::graph
