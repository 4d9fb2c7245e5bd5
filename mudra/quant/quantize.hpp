// From a float network and pictures to an integer network, by one of the recipes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/calibrate.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

struct Quantized {
  graph::Graph network;  // float and lowered, as the recipe changed it
  Scheme scheme;
  graph::Graph integer;
};

// With one exponent rule for all activations. `network` is lowered.
Quantized quantize(const graph::Graph& network, const NodeBits& bits, const Pictures& pictures,
                   Calibration calibration, const IntegerRun& run);

}  // namespace mudra::quant
