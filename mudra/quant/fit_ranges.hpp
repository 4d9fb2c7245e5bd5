// Exact changes of a float network that let powers of two fit its tensors: factors and offsets that move from
// a tensor into the weights around it.
//
// A tensor that only convolutions write and read, through what a factor passes, may be multiplied by any
// factor, its Clip's bounds with it, when the weights in front are multiplied and those behind divided. So a
// ReLU6 need not waste the quarter of an int8 between 6 and 8. And a tensor that only convolutions without
// padding read may be shifted: a ReLU6's [0, 6] becomes [-4, 4), with every one of the 256 integers in use.
#pragma once

#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::quant {

// Tensors that can only be multiplied together.
using ScaleGroup = std::vector<graph::TensorIndex>;

// The groups of `network`, lowered, in its order; without the input's and the output's, which must stay.
std::vector<ScaleGroup> scale_groups(const graph::Graph& network);

// The same function with the tensors of `group` multiplied by `factor` > 0.
void scale(graph::Graph& network, const ScaleGroup& group, float factor);

// Whether `clip` bounds what a Conv or Gemm alone writes for it, and only nodes without padding read it.
bool can_shift(const graph::Graph& network, const graph::Node& clip);

// The same function with `offset` subtracted from what `clip` gives. Precondition: can_shift.
void shift(graph::Graph& network, const graph::Node& clip, float offset);

// An integer network without the Clips that its integers' limits make superfluous: one whose bounds are those
// limits goes, one from 0 to the upper limit becomes the Relu of the convolution in front. The same integers.
graph::Graph without_saturated_clips(const graph::Graph& integer);

}  // namespace mudra::quant
