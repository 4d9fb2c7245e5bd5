// Between which integers values and sums of an integer network lie, whatever the picture.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::sim {

struct Range {
  std::int64_t low = 0, high = 0;

  bool operator==(const Range&) const = default;
};

// By TensorIndex. An activation takes no value outside its range; those behind a Clip or Relu are narrower
// than their type. The graph is integer and verified; ranges of constants are empty.
std::vector<Range> value_ranges(const graph::Graph& graph);

// Where every partial sum bias + w0 * x0 + w1 * x1 + ... lies, in any order and with any of the products left
// out, for x in `input`.
template <typename Integer>
Range sum_range(std::int64_t bias, std::span<const Integer> weights, Range input) {
  Range sum{bias, bias};
  for (const std::int64_t weight : weights) {
    const std::int64_t a = weight * input.low, b = weight * input.high;
    sum.low += a < b ? (a < 0 ? a : 0) : (b < 0 ? b : 0);
    sum.high += a > b ? (a > 0 ? a : 0) : (b > 0 ? b : 0);
  }
  return sum;
}

// Whether both limits fit a signed number of `bits`.
constexpr bool fits(Range range, int bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return range.low >= -limit && range.high < limit;
}

}  // namespace mudra::sim
