// The recipe that takes all the freedom a power-of-two int8 network has, judged by its outputs.
#pragma once

#include "mudra/graph/graph.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/pictures.hpp"
#include "mudra/quant/quantize.hpp"

namespace mudra::quant {

// In this order:
// - equalization of what is joined without a Clip, which changes nothing;
// - factors that let powers of two fit every tensor's range exactly (fit_ranges.hpp), which changes nothing;
// - exponents of activations and weights moved while that lessens the error of the outputs;
// - weights rounded so that sums keep their values, biases so that they keep their means;
// - Clips left out where int8's own limits do their work.
// `network` is lowered. No labels are used, and the same arguments give the same result for any number of
// threads.
Quantized quantize_best(const graph::Graph& network, const Pictures& pictures, const IntegerRun& run);

}  // namespace mudra::quant
