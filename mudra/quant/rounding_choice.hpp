// Which way each weight is rounded: not to the nearest integer for itself, but so that the layer's sums keep
// their values over the calibration pictures. (After Nagel et al. 2020, solved by single steps.)
#pragma once

#include <map>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

// What a layer's sums of products see of its inputs, over pictures and pixels.
struct Moments {
  std::size_t taps = 0;            // inputs of one sum
  std::vector<double> mean;        // [groups, taps]; one group, or one for each channel when depthwise
  std::vector<double> covariance;  // [groups, taps, taps]
};

// By the weight tensor of each Conv and Gemm. Throws Error when interrupted; shows progress.
std::map<graph::TensorIndex, Moments> observe_moments(const graph::Graph& network, const Pictures& pictures);

// `network` with weights that are multiples of their exponents' steps, and biases that keep the mean of every
// sum. Moments are of the same network.
graph::Graph with_chosen_rounding(const graph::Graph& network, const Scheme& scheme,
                                  const std::map<graph::TensorIndex, Moments>& moments);

}  // namespace mudra::quant
