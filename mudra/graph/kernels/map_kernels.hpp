// One image's maps through one operation each. Maps and weights as layout.hpp says.
#pragma once

namespace mudra::graph::kernels {

// What an activation limits its values to; infinite where it does not.
struct Bounds {
  float low, high;
};

// out = bounded(rows * weights + bias [+ shortcut]).
struct Product {
  const float* rows;  // element k of row r is rows[r * row_stride + k * depth_stride]; one stride is 1
  int count;
  int row_stride;
  int depth;
  int depth_stride;
  const float* weights;  // [depth, padded(out_channels)]
  const float* bias;     // [padded(out_channels)]
  int out_channels;
  Bounds bounds;
  const float* shortcut;  // like out, or nullptr
  float* out;             // [count, padded(out_channels)]
};
void multiply(const Product& io);

struct MapSize {
  int height, width, channels;
};

struct Sliding {
  int kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
};

// Output row y of a depthwise convolution with any window, bounded.
struct DepthwiseRow {
  const float* in;
  MapSize in_size;
  Sliding window;
  const float* taps;  // [kernel_h * kernel_w, padded(channels)]
  const float* bias;  // [padded(channels)]
  Bounds bounds;
  int y;
  int out_width;
  float* out;  // [out_width, padded(channels)]
};
void depthwise_row(const DepthwiseRow& io);

// out = bounded(in [+ addend]); `floats` a multiple of kLanes, addend may be nullptr.
void add_bounded(const float* in, const float* addend, int floats, Bounds bounds, float* out);

// The mean over pixels: out is [padded(channels)].
void average(const float* in, int pixels, int channels, float* out);

}  // namespace mudra::graph::kernels
