// The exponents of activations from what they hold over calibration pictures.
#pragma once

#include <string_view>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/pictures.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

enum class Calibration {
  kMinmax,      // nothing is clipped
  kPercentile,  // but one value in 10,000 at either end
  kMse,         // the least squared error of each tensor
  kKl,          // the reference quantizer's default
  kSearch,      // from mse on, what lessens the error of the outputs
};

const char* name_of(Calibration calibration);
// Throws Error for a name of none.
Calibration calibration_named(std::string_view name);

// The scheme for `bits`. Activations are observed with rounded weights and everything else float, as the
// reference does; where that breaks the chip's rules they are raised. When all pictures are black, the input
// is taken to reach 1. `network` is lowered; kSearch gives what it starts from, kMse.
Scheme calibrated(const graph::Graph& network, const NodeBits& bits, const Pictures& pictures,
                  Calibration calibration);

}  // namespace mudra::quant
