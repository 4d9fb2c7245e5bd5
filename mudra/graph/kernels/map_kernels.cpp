#include "mudra/graph/kernels/map_kernels.hpp"

#include <algorithm>
#include <cstddef>

#include "mudra/graph/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/graph/kernels/map_kernels.cpp"
#include <hwy/foreach_target.h>  // before products-inl.h

#include "mudra/graph/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mudra::graph::kernels {
namespace HWY_NAMESPACE {

HWY_INLINE Vec bounded(Vec value, Bounds bounds) {
  return hn::Min(hn::Max(value, hn::Set(Tag(), bounds.low)), hn::Set(Tag(), bounds.high));
}

void multiply(const Product& io) {
  const std::ptrdiff_t out_stride = padded(io.out_channels);
  const auto start = [&](int row, int column) {
    const Vec bias = load(io.bias + column);
    return io.shortcut == nullptr ? bias : hn::Add(bias, load(io.shortcut + row * out_stride + column));
  };
  const auto finish = [&](int row, int column, Vec value) {
    store(bounded(value, io.bounds), io.out + row * out_stride + column);
  };
  const auto run = [&](auto left) {
    product(io.count, io.out_channels, io.depth, left, io.weights, out_stride, start, finish);
  };
  if (io.depth_stride == 1)
    run(rows_of(io.rows, std::ptrdiff_t{io.row_stride}));
  else
    run(columns_of(io.rows, std::ptrdiff_t{io.depth_stride}));
}

void depthwise_row(const DepthwiseRow& io) {
  const Sliding& window = io.window;
  const std::ptrdiff_t stride = padded(io.in_size.channels);
  const int top = io.y * window.stride_h - window.pad_top;
  const int first_ky = std::max(0, -top), end_ky = std::min(window.kernel_h, io.in_size.height - top);
  for (int x = 0; x < io.out_width; ++x) {
    const int left = x * window.stride_w - window.pad_left;
    const int first_kx = std::max(0, -left), end_kx = std::min(window.kernel_w, io.in_size.width - left);
    for (std::ptrdiff_t c = 0; c < stride; c += kVec) {
      Vec sum = load(io.bias + c);
      for (int ky = first_ky; ky < end_ky; ++ky) {
        const float* const in = io.in + (std::ptrdiff_t{top + ky} * io.in_size.width + left) * stride + c;
        const float* const taps = io.taps + std::ptrdiff_t{ky} * window.kernel_w * stride + c;
        for (int kx = first_kx; kx < end_kx; ++kx)
          sum = hn::MulAdd(load(taps + kx * stride), load(in + kx * stride), sum);
      }
      store(bounded(sum, io.bounds), io.out + x * stride + c);
    }
  }
}

void add_bounded(const float* in, const float* addend, int floats, Bounds bounds, float* out) {
  for (int i = 0; i < floats; i += kVec) {
    const Vec value = addend == nullptr ? load(in + i) : hn::Add(load(in + i), load(addend + i));
    store(bounded(value, bounds), out + i);
  }
}

void average(const float* in, int pixels, int channels, float* out) {
  const std::ptrdiff_t stride = padded(channels);
  const Vec count = hn::Set(Tag(), static_cast<float>(pixels));
  for (std::ptrdiff_t c = 0; c < stride; c += kVec) {
    Vec sum = hn::Zero(Tag());
    for (int p = 0; p < pixels; ++p) sum = hn::Add(sum, load(in + p * stride + c));
    store(hn::Div(sum, count), out + c);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::graph::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::graph::kernels {

HWY_EXPORT(multiply);
HWY_EXPORT(depthwise_row);
HWY_EXPORT(add_bounded);
HWY_EXPORT(average);

void multiply(const Product& io) { HWY_DYNAMIC_DISPATCH(multiply)(io); }
void depthwise_row(const DepthwiseRow& io) { HWY_DYNAMIC_DISPATCH(depthwise_row)(io); }
void add_bounded(const float* in, const float* addend, int floats, Bounds bounds, float* out) {
  HWY_DYNAMIC_DISPATCH(add_bounded)(in, addend, floats, bounds, out);
}
void average(const float* in, int pixels, int channels, float* out) {
  HWY_DYNAMIC_DISPATCH(average)(in, pixels, channels, out);
}

}  // namespace mudra::graph::kernels
#endif
