#include "mudra/train/kernels/depthwise.hpp"

#include <algorithm>
#include <cstddef>

#include "mudra/graph/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/train/kernels/depthwise.cpp"
#include <hwy/foreach_target.h>  // before products-inl.h

#include "mudra/train/kernels/products-inl.h"

HWY_BEFORE_NAMESPACE();
namespace mudra::train::kernels {
namespace HWY_NAMESPACE {

// One tap of an output row and one vector of channels.
HWY_INLINE void tap_backward(int pixels, const float* in, const float* gradients, std::ptrdiff_t in_step,
                             std::ptrdiff_t out_step, Vec tap, float* in_gradient, double* tap_gradient) {
  Vec sum = hn::Zero(Tag());
  for (int x = 0; x < pixels; ++x) {
    const Vec gradient = load(gradients + x * out_step);
    sum = hn::MulAdd(gradient, load(in + x * in_step), sum);
    if (in_gradient != nullptr) {
      float* const to = in_gradient + x * in_step;
      store(hn::MulAdd(gradient, tap, load(to)), to);
    }
  }
  add_to(tap_gradient, sum);
}

void depthwise_backward(const DepthwiseBackward& io) {
  const graph::kernels::Sliding& window = io.window;
  const std::ptrdiff_t stride = padded(io.in_size.channels);
  for (int y = 0; y < io.out_size.height; ++y) {
    const float* const gradients = io.out_gradient + std::ptrdiff_t{y} * io.out_size.width * stride;
    for (int ky = 0; ky < window.kernel_h; ++ky) {
      const int in_y = y * window.stride_h + ky - window.pad_top;
      if (in_y < 0 || in_y >= io.in_size.height) continue;
      for (int kx = 0; kx < window.kernel_w; ++kx) {
        const int offset = kx - window.pad_left, step = window.stride_w;
        const int first = offset < 0 ? (-offset + step - 1) / step : 0;
        const int room = io.in_size.width - 1 - offset;
        const int end = room < 0 ? 0 : std::min(io.out_size.width, room / step + 1);
        const std::ptrdiff_t at =
            (std::ptrdiff_t{in_y} * io.in_size.width + std::ptrdiff_t{first} * step + offset) * stride;
        const std::ptrdiff_t tap = (std::ptrdiff_t{ky} * window.kernel_w + kx) * stride;
        for (std::ptrdiff_t c = 0; c < stride && first < end; c += kVec)
          tap_backward(end - first, io.in + at + c, gradients + first * stride + c, step * stride, stride,
                       load(io.taps + tap + c), io.in_gradient == nullptr ? nullptr : io.in_gradient + at + c,
                       io.tap_gradients + tap + c);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::train::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::train::kernels {

HWY_EXPORT(depthwise_backward);

void depthwise_backward(const DepthwiseBackward& io) { HWY_DYNAMIC_DISPATCH(depthwise_backward)(io); }

}  // namespace mudra::train::kernels
#endif
