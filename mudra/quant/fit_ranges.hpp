// Exact changes of a float network that let powers of two fit its tensors.
//
// A tensor that only convolutions write and read, through what a factor passes, may be multiplied by any
// factor, its Clip's bounds with it, when the weights in front are multiplied and those behind divided. So a
// ReLU6 need not waste the quarter of an int8 that lies between 6 and 8, and the integers' own upper limit
// becomes its bound.
#pragma once

#include <map>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"

namespace mudra::quant {

// Tensors that can only be multiplied together.
using ScaleGroup = std::vector<graph::TensorIndex>;

// The groups of `network`, lowered, in its order; without the input's and the output's, which must stay.
std::vector<ScaleGroup> scale_groups(const graph::Graph& network);

// The same function with the tensors of `group` multiplied by `factor` > 0.
void scale(graph::Graph& network, const ScaleGroup& group, float factor);

struct FittedNetwork {
  graph::Graph network;                         // the same function
  std::map<graph::TensorIndex, int> exponents;  // at which 127 is the bound or largest value, of what is
                                                // written by a Clip
};

// Each group multiplied so that its largest value over `pictures` is 127 times a power of two, but those that
// are zero or beyond what exponents may be. Throws Error when interrupted; shows progress.
FittedNetwork with_fitted_ranges(const graph::Graph& network, const Pictures& pictures);

// An integer network without the Clips that its integers' limits make superfluous: one whose bounds are those
// limits goes, one from 0 to the upper limit becomes the Relu of the convolution in front. The same integers.
graph::Graph without_saturated_clips(const graph::Graph& integer);

}  // namespace mudra::quant
