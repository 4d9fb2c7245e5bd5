#include "mudra/train/kernels/inverted_residual.hpp"

#include <algorithm>

#include "mudra/graph/kernels/row_ring.hpp"
#include "mudra/graph/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/train/kernels/inverted_residual.cpp"
#include <hwy/foreach_target.h>  // before products-inl.h

#include "mudra/train/kernels/depthwise-inl.h"
#include "mudra/train/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mudra::train::kernels {
namespace HWY_NAMESPACE {

using graph::kernels::RowRing;
using graph::kernels::Slab;

template <class Work>
HWY_INLINE void for_each_slab(int padded_channels, Work work) {
  for (int first = 0; first < padded_channels; first += kSlab)
    work(Slab{first, std::min(kSlab, padded_channels - first)});
}

// Row `y` of a slab of the hidden map behind the depthwise convolution.
template <class Float>
HWY_INLINE Float* slab_row(Float* hidden, const BlockShape& shape, Slab slab, int y) {
  return hidden + std::ptrdiff_t{slab.first} * shape.out_pixels() +
         std::ptrdiff_t{y} * shape.out_side() * kSlab;
}

// One row of the expanded map: out is [side, kSlab].
HWY_INLINE void expand_row(const BlockShape& shape, const float* in_row, const BlockWeights& weights,
                           Slab slab, float limit, float* out) {
  const std::ptrdiff_t stride = padded(shape.hidden_channels), in_stride = padded(shape.in_channels);
  product(shape.side, slab.count, shape.in_channels, rows_of(in_row, in_stride), weights.expand + slab.first,
          stride, FromRow{weights.expand_bias + slab.first}, ToActivatedMap<Constant<kSlab>>{out, {}, limit});
}

// The depthwise output rows of one slab, top to bottom, each given to finish_row(y, three padded rows).
template <class FinishRow>
HWY_INLINE void for_each_depthwise_row(const BlockShape& shape, const float* in, const BlockWeights& weights,
                                       Slab slab, float limit, float* scratch, FinishRow finish_row) {
  const std::ptrdiff_t in_row_floats = std::ptrdiff_t{shape.side} * padded(shape.in_channels);
  RowRing ring(shape.side, scratch);
  int expanded = 0;  // rows so far
  for (int y = 0; y < shape.out_side(); ++y) {
    const int top = y * shape.stride - 1, bottom = std::min(top + 2, shape.side - 1);
    for (; expanded <= bottom; ++expanded)
      expand_row(shape, in + expanded * in_row_floats, weights, slab, limit, ring.pixels(expanded));
    const float* const rows[3] = {top >= 0 ? ring.padded_row(top) : ring.zeros(), ring.padded_row(top + 1),
                                  top + 2 < shape.side ? ring.padded_row(top + 2) : ring.zeros()};
    finish_row(y, rows);
  }
}

// Stores an output row and adds it and its squares up.
struct WithStatistics {
  float* out;  // [side, kSlab]
  double* sums;
  double* squares;
  Vec sum = hn::Zero(Tag()), square_sum = hn::Zero(Tag());

  HWY_INLINE void begin(int) { sum = square_sum = hn::Zero(Tag()); }
  HWY_INLINE void put(int x, int c, Vec value) {
    store(value, out + x * kSlab + c);
    sum = hn::Add(sum, value);
    square_sum = hn::MulAdd(value, value, square_sum);
  }
  HWY_INLINE void end(int c) {
    add_to(sums + c, sum);
    add_to(squares + c, square_sum);
  }
};

template <class Finish>
HWY_INLINE void depthwise_row(const BlockShape& shape, const float* const (&rows)[3], int channels, Taps taps,
                              Finish finish) {
  if (shape.stride == 1)
    depthwise_row<1>(rows, shape.out_side(), channels, taps, finish);
  else
    depthwise_row<2>(rows, shape.out_side(), channels, taps, finish);
}

void expand_depthwise(const BlockShape& shape, const ExpandDepthwise& io) {
  const std::ptrdiff_t stride = padded(shape.hidden_channels);
  for_each_slab(padded(shape.hidden_channels), [&](Slab slab) {
    const Taps taps{io.weights.taps + slab.first, stride};
    for_each_depthwise_row(
        shape, io.in, io.weights, slab, io.limit, io.scratch, [&](int y, const float* const(&rows)[3]) {
          float* const out = slab_row(io.hidden, shape, slab, y);
          depthwise_row(shape, rows, slab.count, taps,
                        WithStatistics{out, io.sums + slab.first, io.squares + slab.first});
        });
  });
}

// One row of the gradient in front of the depthwise convolution's batch normalisation: out is [out_side,
// kSlab].
HWY_INLINE void hidden_gradient_row(const BlockShape& shape, const ExpandDepthwiseBackward& io, Slab slab,
                                    int y, float* out) {
  const std::ptrdiff_t stride = padded(shape.hidden_channels), out_stride = padded(shape.out_channels);
  const std::ptrdiff_t first_pixel = std::ptrdiff_t{y} * shape.out_side();
  const float* const hidden = slab_row(io.hidden, shape, slab, y);
  const Vec limit = hn::Set(Tag(), io.limit);
  const auto finish = [&](int x, int column, Vec gradient) {
    const int c = slab.first + column;
    const Vec value = load(hidden + x * kSlab + column);
    hwy::Prefetch(hidden + (x + shape.out_side()) * kSlab + column);  // the next row's
    const Vec activated = activate(
        hn::MulAdd(value, load(io.hidden_normalisation.scale + c), load(io.hidden_normalisation.shift + c)),
        limit);
    gradient = through_activation(gradient, activated, limit);
    const Vec from_value =
        hn::MulAdd(value, load(io.hidden_gradient.of_value + c), load(io.hidden_gradient.constant + c));
    store(hn::MulAdd(gradient, load(io.hidden_gradient.of_gradient + c), from_value),
          out + x * kSlab + column);
  };
  product(shape.out_side(), slab.count, shape.out_channels,
          rows_of(io.out_gradient + first_pixel * out_stride, out_stride), io.project_transposed + slab.first,
          stride, FromZero{}, finish);
}

// Back through the depthwise convolution for input row `y`.
HWY_INLINE void depthwise_backward_row(const BlockShape& shape, int y, const RowRing& ring, int channels,
                                       Taps taps, const RowGradient& io) {
  const auto row_of = [&](int out_y) {
    return out_y >= 0 && out_y < shape.out_side() ? ring.padded_row(out_y) : ring.zeros();
  };
  if (shape.stride == 1) {
    const BackwardRow rows[3] = {{row_of(y + 1), 0}, {row_of(y), 1}, {row_of(y - 1), 2}};
    depthwise_backward_row_stride1<3>(rows, shape.side, channels, taps, io);
  } else if (y % 2 == 0) {
    const BackwardRow rows[1] = {{row_of(y / 2), 1}};
    depthwise_backward_row_stride2<1>(rows, shape.side, channels, taps, io);
  } else {
    const BackwardRow rows[2] = {{row_of(y / 2 + 1), 0}, {row_of(y / 2), 2}};
    depthwise_backward_row_stride2<2>(rows, shape.side, channels, taps, io);
  }
}

void expand_depthwise_backward(const BlockShape& shape, const ExpandDepthwiseBackward& io) {
  const std::ptrdiff_t stride = padded(shape.hidden_channels), in_stride = padded(shape.in_channels);
  const std::size_t row_floats = static_cast<std::size_t>(shape.side) * kSlab;
  float* const activated = io.scratch + RowRing::floats(shape.out_side());
  float* const gradient = activated + row_floats;
  for_each_slab(padded(shape.hidden_channels), [&](Slab slab) {
    const Taps taps{io.weights.taps + slab.first, stride};
    const RowGradient row_gradient{activated, io.limit, gradient, io.sums + slab.first,
                                   io.tap_gradients + slab.first};
    RowRing ring(shape.out_side(), io.scratch);
    int done = 0;  // rows of the hidden gradient so far
    for (int y = 0; y < shape.side; ++y) {
      const int last = std::min((y + 1) / shape.stride, shape.out_side() - 1);
      for (; done <= last; ++done) hidden_gradient_row(shape, io, slab, done, ring.pixels(done));
      const std::ptrdiff_t at = std::ptrdiff_t{y} * shape.side * in_stride;
      expand_row(shape, io.in + at, io.weights, slab, io.limit, activated);
      depthwise_backward_row(shape, y, ring, slab.count, taps, row_gradient);
      product(shape.in_channels, slab.count, shape.side, columns_of(io.in + at, in_stride), gradient, kSlab,
              FromZero{}, AddTo<float>{io.products + slab.first, stride});
      const auto start = [&](int x, int c) {
        return slab.first == 0 ? hn::Zero(Tag()) : load(io.in_gradient + at + x * in_stride + c);
      };
      product(shape.side, shape.in_channels, slab.count, rows_of(gradient, Constant<kSlab>()),
              io.expand_transposed + slab.first * in_stride, in_stride, start,
              ToMap<std::ptrdiff_t>{io.in_gradient + at, in_stride});
    }
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::train::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::train::kernels {

HWY_EXPORT(expand_depthwise);
HWY_EXPORT(expand_depthwise_backward);

std::size_t scratch_floats(const BlockShape& shape) {
  // A ring of four padded rows and two plain ones.
  return 6 * static_cast<std::size_t>(shape.side + 2) * kSlab;
}

void expand_depthwise(const BlockShape& shape, const ExpandDepthwise& io) {
  HWY_DYNAMIC_DISPATCH(expand_depthwise)(shape, io);
}
void expand_depthwise_backward(const BlockShape& shape, const ExpandDepthwiseBackward& io) {
  HWY_DYNAMIC_DISPATCH(expand_depthwise_backward)(shape, io);
}

}  // namespace mudra::train::kernels
#endif
