// What an inverted residual keeps of its hidden map: three rows of a slab of channels.
#pragma once

#include <cstddef>
#include <cstring>

#include "mudra/graph/kernels/layout.hpp"

namespace mudra::graph::kernels {

// Three padded rows [width + 2, kSlab] that are reused in turn, and one of zeros for the rows outside the
// map.
class RowRing {
 public:
  // Takes floats(width) from `scratch`.
  RowRing(int width, float* scratch) : row_floats_((width + 2) * kSlab), data_(scratch) {
    std::memset(data_, 0, sizeof(float) * floats(width));
  }
  static std::size_t floats(int width) { return 4 * static_cast<std::size_t>(width + 2) * kSlab; }

  // The pixels of row `y`, to be written: [width, kSlab].
  float* pixels(int y) { return data_ + (y % 3) * row_floats_ + kSlab; }
  const float* padded_row(int y) const { return data_ + (y % 3) * row_floats_; }
  const float* zeros() const { return data_ + 3 * row_floats_; }

 private:
  std::ptrdiff_t row_floats_;
  float* data_;
};

// Channels [first, first + count) of the hidden map.
struct Slab {
  int first, count;
};

}  // namespace mudra::graph::kernels
