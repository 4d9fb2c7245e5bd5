// How the training kernels lay out their arrays: as those of the float run do, the channels of a map past the
// real ones 0, and more.
#pragma once

#include "mudra/graph/kernels/layout.hpp"

namespace mudra::train::kernels {

using graph::kernels::kLanes;
using graph::kernels::kSlab;
using graph::kernels::padded;

// Pixels are worked on this many at a time where rows do not matter. Sums over pixels are taken over one such
// run (or one row) from zero and then added to the total, which keeps rounding errors small.
inline constexpr int kRun = 48;

// A hidden map (of a block, between its 1x1 convolutions) is stored slab by slab, [slabs, pixels, kSlab], so
// that work on one slab runs through memory in order.
constexpr int slabs(int channels) { return (channels + kSlab - 1) / kSlab; }

// Side of the map behind a 3x3 convolution with padding 1.
constexpr int strided(int side, int stride) { return (side + stride - 1) / stride; }

}  // namespace mudra::train::kernels
