#include "mudra/graph/clip_bounds.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace mudra::graph {

ClipBounds clip_bounds(const Clip& clip, const Tensor& input) {
  assert(input.exponent && (input.type == Type::kInt8 || input.type == Type::kInt16));
  const double most = input.type == Type::kInt8 ? std::numeric_limits<std::int8_t>::max()
                                                : std::numeric_limits<std::int16_t>::max();
  const auto nearest = [&](float bound) {
    const double rounded = std::floor(std::ldexp(static_cast<double>(bound), -*input.exponent) + 0.5);
    return static_cast<std::int32_t>(std::clamp(rounded, -most - 1, most));
  };
  return {nearest(clip.low), nearest(clip.high)};
}

Clip clip_of(const ClipBounds& bounds, int exponent) {
  return {std::ldexp(static_cast<float>(bounds.low), exponent),
          std::ldexp(static_cast<float>(bounds.high), exponent)};
}

}  // namespace mudra::graph
