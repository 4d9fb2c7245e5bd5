// What a float network's tensors hold over many pictures, a few pictures in memory at a time.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/exponent_choice.hpp"
#include "mudra/quant/pictures.hpp"

namespace mudra::quant {

// The values of each of `tensors`, in their order. The results do not depend on the number of threads. All
// throw Error for no pictures, for values that are not finite, and when interrupted; a progress line is
// shown.
std::vector<Interval> observe_intervals(const graph::Graph& network, const Pictures& pictures,
                                        const std::vector<graph::TensorIndex>& tensors);

// The averages of the percentile intervals of batches of 32 pictures.
std::vector<Interval> observe_percentiles(const graph::Graph& network, const Pictures& pictures,
                                          const std::vector<graph::TensorIndex>& tensors);

// Over the ranges given, one for each tensor; what lies beyond one is counted in its last bin.
std::vector<Histogram> observe_histograms(const graph::Graph& network, const Pictures& pictures,
                                          const std::vector<graph::TensorIndex>& tensors,
                                          const std::vector<float>& ranges, std::size_t bins);

// Calls take(i, values) with what tensors[i] holds for each batch of up to `batch` pictures, [count, its
// size], tensors shared among the threads; a progress line called `label` is shown.
void observe_batches(const std::string& label, const graph::Graph& network, const Pictures& pictures,
                     const std::vector<graph::TensorIndex>& tensors, std::size_t batch,
                     const std::function<void(std::size_t, std::span<const float>)>& take);

// The outputs of a float network, [pictures.size(), outputs].
std::vector<float> float_outputs(const graph::Graph& network, const Pictures& pictures);

}  // namespace mudra::quant
