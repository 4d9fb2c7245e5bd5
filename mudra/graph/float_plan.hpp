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

  // A watched tensor that is whole once so many steps are done.
  struct Shown {
    std::size_t steps;
    TensorIndex tensor;
  };
  std::vector<Shown> shown;  // in the order of steps
};

// Tensors to keep are stored; those given have places and are there before the first step; those watched are
// shown, whole or by the step that writes them. Throws Error as FloatRunner's constructor does.
FloatPlan plan_float_run(const Graph& graph, const FloatRunner::Options& options);

}  // namespace mudra::graph
