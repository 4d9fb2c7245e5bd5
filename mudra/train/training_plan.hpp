// From a float graph to the steps that train it: what is done together, and what memory it takes.
#pragma once

#include <memory>
#include <vector>

#include "mudra/train/step.hpp"

namespace mudra::train {

struct TrainingPlan {
  std::vector<std::unique_ptr<Step>> steps;  // forward; the way back is the other way round
  std::size_t scratch_floats = 0;            // a thread's
  int least_normalised_pixels = 2;           // of one image, in front of any BatchNormalization
};

// The inverted residuals and the first convolution of LightGestureNet's kind become one step each; a Relu or
// ReLU6 goes with what it follows. Allots on `tape`, which is one of this graph, the maps of every tensor
// that a step writes. The graph must be verified. Throws Error for an operation that cannot be trained,
// naming the node.
TrainingPlan plan_training(const graph::Graph& graph, Tape& tape);

}  // namespace mudra::train
