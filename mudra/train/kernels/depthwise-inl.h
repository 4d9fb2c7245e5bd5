// One row of a depthwise 3x3 convolution, forward and backward, on a slab of channels; compiled once per
// instruction set like products-inl.h.
//
// A padded row is [side + 2, kSlab] with column 0 and column side + 1 zero; taps are [9, tap_stride], row by
// row of the 3x3 kernel.
#if defined(MUDRA_TRAIN_DEPTHWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_TRAIN_DEPTHWISE_INL_H_
#undef MUDRA_TRAIN_DEPTHWISE_INL_H_
#else
#define MUDRA_TRAIN_DEPTHWISE_INL_H_
#endif

#include "mudra/train/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mudra::train::kernels {
namespace HWY_NAMESPACE {

struct Taps {
  const float* data;
  std::ptrdiff_t stride;
};

// finish(x, channel, sum of the nine taps) for an output row: `rows` are the three padded input rows.
template <int kStride, class Finish>
HWY_INLINE void depthwise_row(const float* const (&rows)[3], int out_side, int channels, Taps taps,
                              Finish&& finish) {
  for (int c = 0; c < channels; c += kVec) {
    Vec weights[9];
    HWY_UNROLL(9)
    for (int k = 0; k < 9; ++k) weights[k] = load(taps.data + k * taps.stride + c);
    finish.begin(c);
    for (int x = 0; x < out_side; ++x) {
      const std::ptrdiff_t at = std::ptrdiff_t{x} * kStride * kSlab + c;
      Vec sum = hn::Mul(weights[0], load(rows[0] + at));
      HWY_UNROLL(8)
      for (int k = 1; k < 9; ++k) sum = hn::MulAdd(weights[k], load(rows[k / 3] + at + (k % 3) * kSlab), sum);
      finish.put(x, c, sum);
    }
    finish.end(c);
  }
}

// What flows back through one input row, for one row of the kernel: the padded row of output gradients it
// reaches and the three taps on the way.
struct BackwardRow {
  const float* gradients;  // padded, [out_side + 2, kSlab]
  int kernel_row;
};

// The gradient of an input row masked by its activation, and the sums it adds to.
struct RowGradient {
  const float* activated;  // [side, kSlab] the input row
  float limit;
  float* gradient;       // [side, kSlab] out
  float* gradient_sum;   // [channels] += over the row
  float* tap_gradients;  // [9, tap_stride] += over the row
};

// Stride 1: input (x) reaches outputs x-1, x, x+1 through taps 2, 1, 0.
template <int kKernelRows>
HWY_INLINE void depthwise_backward_row_stride1(const BackwardRow* rows, int side, int channels, Taps taps,
                                               const RowGradient& io) {
  const Vec limit = hn::Set(Tag(), io.limit);
  for (int c = 0; c < channels; c += kVec) {
    Vec weights[kKernelRows][3], tap_sums[kKernelRows][3];
    const float* from[kKernelRows];
    HWY_UNROLL(3)
    for (int r = 0; r < kKernelRows; ++r) {
      from[r] = rows[r].gradients + c;
      HWY_UNROLL(3)
      for (int k = 0; k < 3; ++k) {
        weights[r][k] = load(taps.data + (rows[r].kernel_row * 3 + k) * taps.stride + c);
        tap_sums[r][k] = hn::Zero(Tag());
      }
    }
    Vec gradient_sum = hn::Zero(Tag());
    for (int x = 0; x < side; ++x) {
      const std::ptrdiff_t at = std::ptrdiff_t{x} * kSlab;
      const Vec activated = load(io.activated + at + c);
      Vec gradient = hn::Zero(Tag());
      HWY_UNROLL(3)
      for (int r = 0; r < kKernelRows; ++r) {
        HWY_UNROLL(3)
        for (int k = 0; k < 3; ++k) {
          const Vec out_gradient = load(from[r] + at + (2 - k) * kSlab);
          gradient = hn::MulAdd(out_gradient, weights[r][k], gradient);
          tap_sums[r][k] = hn::MulAdd(activated, out_gradient, tap_sums[r][k]);
        }
      }
      gradient = through_activation(gradient, activated, limit);
      gradient_sum = hn::Add(gradient_sum, gradient);
      store(gradient, io.gradient + at + c);
    }
    add_to(io.gradient_sum + c, gradient_sum);
    HWY_UNROLL(3)
    for (int r = 0; r < kKernelRows; ++r) {
      HWY_UNROLL(3)
      for (int k = 0; k < 3; ++k)
        add_to(io.tap_gradients + (rows[r].kernel_row * 3 + k) * taps.stride + c, tap_sums[r][k]);
    }
  }
}

// Stride 2: an even input column 2i reaches output i through tap 1; an odd one, 2i+1, reaches output i
// through tap 2 and output i+1 through tap 0.
template <int kKernelRows>
HWY_INLINE void depthwise_backward_row_stride2(const BackwardRow* rows, int side, int channels, Taps taps,
                                               const RowGradient& io) {
  const Vec limit = hn::Set(Tag(), io.limit);
  for (int c = 0; c < channels; c += kVec) {
    Vec weights[kKernelRows][3], tap_sums[kKernelRows][3];
    const float* from[kKernelRows];
    HWY_UNROLL(3)
    for (int r = 0; r < kKernelRows; ++r) {
      from[r] = rows[r].gradients + kSlab + c;
      HWY_UNROLL(3)
      for (int k = 0; k < 3; ++k) {
        weights[r][k] = load(taps.data + (rows[r].kernel_row * 3 + k) * taps.stride + c);
        tap_sums[r][k] = hn::Zero(Tag());
      }
    }
    Vec gradient_sum = hn::Zero(Tag());
    const auto finish = [&](std::ptrdiff_t at, Vec activated, Vec gradient) {
      gradient = through_activation(gradient, activated, limit);
      gradient_sum = hn::Add(gradient_sum, gradient);
      store(gradient, io.gradient + at);
    };
    for (int x = 0; x < side; x += 2) {
      const std::ptrdiff_t at = std::ptrdiff_t{x} * kSlab + c, out_at = std::ptrdiff_t{x / 2} * kSlab;
      const Vec even = load(io.activated + at);
      Vec gradient = hn::Zero(Tag());
      HWY_UNROLL(3)
      for (int r = 0; r < kKernelRows; ++r) {
        const Vec out_gradient = load(from[r] + out_at);
        gradient = hn::MulAdd(out_gradient, weights[r][1], gradient);
        tap_sums[r][1] = hn::MulAdd(even, out_gradient, tap_sums[r][1]);
      }
      finish(at, even, gradient);
      if (x + 1 == side) break;
      const Vec odd = load(io.activated + at + kSlab);
      gradient = hn::Zero(Tag());
      HWY_UNROLL(3)
      for (int r = 0; r < kKernelRows; ++r) {
        const Vec left = load(from[r] + out_at), right = load(from[r] + out_at + kSlab);
        gradient = hn::MulAdd(left, weights[r][2], gradient);
        gradient = hn::MulAdd(right, weights[r][0], gradient);
        tap_sums[r][2] = hn::MulAdd(odd, left, tap_sums[r][2]);
        tap_sums[r][0] = hn::MulAdd(odd, right, tap_sums[r][0]);
      }
      finish(at + kSlab, odd, gradient);
    }
    add_to(io.gradient_sum + c, gradient_sum);
    HWY_UNROLL(3)
    for (int r = 0; r < kKernelRows; ++r) {
      HWY_UNROLL(3)
      for (int k = 0; k < 3; ++k)
        add_to(io.tap_gradients + (rows[r].kernel_row * 3 + k) * taps.stride + c, tap_sums[r][k]);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::train::kernels
HWY_AFTER_NAMESPACE();

#endif
