#include "mudra/graph/kernels/inverted_residual.hpp"

#include <algorithm>

#include "mudra/graph/kernels/row_ring.hpp"
#include "mudra/graph/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/graph/kernels/inverted_residual.cpp"
#include <hwy/foreach_target.h>  // before products-inl.h

#include "mudra/graph/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mudra::graph::kernels {
namespace HWY_NAMESPACE {

// Bounds as vectors.
struct Limits {
  Vec low, high;
  explicit Limits(Bounds bounds) : low(hn::Set(Tag(), bounds.low)), high(hn::Set(Tag(), bounds.high)) {}
  HWY_INLINE Vec operator()(Vec value) const { return hn::Min(hn::Max(value, low), high); }
};

HWY_INLINE void expand_row(const BlockShape& shape, const Block& io, Slab slab, int y, float* out) {
  const std::ptrdiff_t stride = padded(shape.hidden_channels), in_stride = padded(shape.in_channels);
  const Limits limits(io.expand_bounds);
  const float* const bias = io.expand_bias + slab.first;
  product(
      shape.width, slab.count, shape.in_channels, rows_of(io.in + y * shape.width * in_stride, in_stride),
      io.expand + slab.first, stride, [&](int, int column) { return load(bias + column); },
      [&](int x, int column, Vec value) { store(limits(value), out + x * kSlab + column); });
}

// `rows` are three padded rows of the expanded map; out is [out_width, kSlab].
template <int kStride>
HWY_INLINE void depthwise_row(const BlockShape& shape, const Block& io, Slab slab,
                              const float* const (&rows)[3], float* out) {
  const std::ptrdiff_t stride = padded(shape.hidden_channels);
  const Limits limits(io.taps_bounds);
  for (int c = 0; c < slab.count; c += kVec) {
    const float* const taps = io.taps + slab.first + c;
    Vec weights[9];
    HWY_UNROLL(9)
    for (int k = 0; k < 9; ++k) weights[k] = load(taps + k * stride);
    const Vec bias = load(io.taps_bias + slab.first + c);
    for (int x = 0; x < shape.out_width; ++x) {
      const std::ptrdiff_t at = std::ptrdiff_t{x} * kStride * kSlab + c;
      Vec sum = bias;
      HWY_UNROLL(9)
      for (int k = 0; k < 9; ++k) sum = hn::MulAdd(weights[k], load(rows[k / 3] + at + (k % 3) * kSlab), sum);
      store(limits(sum), out + std::ptrdiff_t{x} * kSlab + c);
    }
  }
}

// Adds the part of the projection that comes from this slab; the first one begins with bias and shortcut.
HWY_INLINE void project_row(const BlockShape& shape, const Block& io, Slab slab, int y, const float* hidden) {
  const std::ptrdiff_t stride = padded(shape.out_channels), at = std::ptrdiff_t{y} * shape.out_width * stride;
  const auto start = [&](int x, int c) {
    if (slab.first > 0) return load(io.out + at + x * stride + c);
    const Vec bias = load(io.project_bias + c);
    return io.shortcut == nullptr ? bias : hn::Add(bias, load(io.shortcut + at + x * stride + c));
  };
  product(shape.out_width, shape.out_channels, slab.count, rows_of(hidden, Constant<kSlab>()),
          io.project + slab.first * stride, stride, start,
          [&](int x, int c, Vec value) { store(value, io.out + at + x * stride + c); });
}

void run_block(const BlockShape& shape, const Block& io) {
  float* const hidden = io.scratch + RowRing::floats(shape.width);  // [out_width, kSlab]
  const int hidden_channels = padded(shape.hidden_channels);
  for (int first = 0; first < hidden_channels; first += kSlab) {
    const Slab slab{first, std::min(kSlab, hidden_channels - first)};
    const int channels = std::min(slab.count, shape.hidden_channels - first);
    RowRing ring(shape.width, io.scratch);
    int expanded = 0;  // rows so far
    const auto expand_to = [&](int last) {
      for (; expanded <= last; ++expanded) {
        expand_row(shape, io, slab, expanded, ring.pixels(expanded));
        if (io.watch_expanded) io.watch_expanded({ring.pixels(expanded), shape.width, kSlab, channels});
      }
    };
    for (int y = 0; y < shape.out_height; ++y) {
      const int top = y * shape.stride - 1, bottom = std::min(top + 2, shape.height - 1);
      expand_to(bottom);
      const float* const rows[3] = {top >= 0 ? ring.padded_row(top) : ring.zeros(), ring.padded_row(top + 1),
                                    top + 2 < shape.height ? ring.padded_row(top + 2) : ring.zeros()};
      if (shape.stride == 1)
        depthwise_row<1>(shape, io, slab, rows, hidden);
      else
        depthwise_row<2>(shape, io, slab, rows, hidden);
      if (io.watch_filtered) io.watch_filtered({hidden, shape.out_width, kSlab, channels});
      project_row(shape, io, slab, y, hidden);
    }
    if (io.watch_expanded) expand_to(shape.height - 1);  // also what no window reaches
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::graph::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::graph::kernels {

HWY_EXPORT(run_block);

std::size_t scratch_floats(const BlockShape& shape) {
  // A ring of four padded rows, and a plain one.
  return 5 * static_cast<std::size_t>(shape.width + 2) * kSlab;
}

void run_block(const BlockShape& shape, const Block& io) { HWY_DYNAMIC_DISPATCH(run_block)(shape, io); }

}  // namespace mudra::graph::kernels
#endif
