// From a float network and a scheme to the integer network an .espdl holds.
#pragma once

#include "mudra/graph/graph.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

// `network` is lowered, `scheme` has an exponent for every site and weight. A bias has the exponent of its
// sums (int32 of 20 bits in 8-bit nodes, int64 of 40 bits in 16-bit ones); RequantizeLinear stands where
// widths or an Add's exponents meet; a Transpose brings NHWC back to the order Flatten expects. Verified.
graph::Graph integer_graph(const graph::Graph& network, const Scheme& scheme);

}  // namespace mudra::quant
