// The recipe that takes all the freedom a power-of-two int8 network has, judged by its outputs.
#pragma once

#include "mudra/graph/graph.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/pictures.hpp"
#include "mudra/quant/quantize.hpp"

namespace mudra::quant {

// `network` is lowered. No labels are used, and the same arguments give the same result for any number of
// threads.
Quantized quantize_best(const graph::Graph& network, const Pictures& pictures, const IntegerRun& run);

}  // namespace mudra::quant
