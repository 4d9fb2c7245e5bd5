// The bounds of a Clip as the integers an integer network compares with.
#pragma once

#include <cstdint>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

struct ClipBounds {
  std::int32_t low = 0, high = 0;

  bool operator==(const ClipBounds&) const = default;
};

// The nearest integers at the exponent of the int8 or int16 tensor that is clipped, ties up, within its type:
// ReLU6's 6 is 96 at 2^-4 and 127 at 2^-5.
ClipBounds clip_bounds(const Clip& clip, const Tensor& input);

// The bounds as real numbers, which clip_bounds turns into the same integers.
Clip clip_of(const ClipBounds& bounds, int exponent);

}  // namespace mudra::graph
