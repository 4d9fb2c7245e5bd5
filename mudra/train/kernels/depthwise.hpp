// The way back through a depthwise convolution with any window, one image at a time.
#pragma once

#include "mudra/graph/kernels/map_kernels.hpp"

namespace mudra::train::kernels {

struct DepthwiseBackward {
  const float* in;
  graph::kernels::MapSize in_size;
  graph::kernels::Sliding window;
  const float* taps;  // [kernel_h * kernel_w, padded(channels)]
  const float* out_gradient;
  graph::kernels::MapSize out_size;
  float* in_gradient;     // like in, adds; or nullptr
  double* tap_gradients;  // like taps, adds
};
void depthwise_backward(const DepthwiseBackward& io);

}  // namespace mudra::train::kernels
