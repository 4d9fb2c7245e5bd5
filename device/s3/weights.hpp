// Weights and sums of a convolution, channel by channel (within the S3 kernels).
#pragma once

#include <algorithm>
#include <cstdint>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/operation.hpp"

namespace mudra::device::s3 {

// Lanes of a vector: elements of 16 bytes.
inline int lanes_of(Width width) { return width == Width::kInt8 ? 16 : 8; }

inline int taps_of(const Operation& convolution) {
  return convolution.window.kernel_h * convolution.window.kernel_w;
}
// Columns that the last window of a row looks beyond the picture; less than 0: that it leaves.
inline int pad_right(const Operation& operation) {
  const Window& window = operation.window;
  return (operation.out_width - 1) * window.stride_w - window.pad_left + window.kernel_w - operation.in_width;
}
// Inputs that an output channel sees at one tap.
inline int inputs_of(const Operation& convolution) {
  return convolution.convolution.depthwise ? 1 : convolution.in_channels;
}

// Of an output channel at tap ky * kernel_w + kx and an input channel (of a depthwise convolution 0).
inline std::int32_t weight_of(const Operation& operation, int channel, int tap, int input) {
  const Convolution& convolution = operation.convolution;
  const int lanes = lanes_of(operation.in), first = channel / lanes * lanes;
  const int window = taps_of(operation) * inputs_of(operation);
  const int block = std::min(lanes, operation.out_channels - first);
  const int at = tap * inputs_of(operation) + input;
  // A depthwise convolution's last channels are a smaller block; another's lie one by one.
  const int index = convolution.depthwise || block == lanes ? first * window + at * block + channel - first
                                                            : channel * window + at;
  return operation.in == Width::kInt8 ? static_cast<const std::int8_t*>(convolution.weights)[index]
                                      : static_cast<const std::int16_t*>(convolution.weights)[index];
}

// What a lane starts with so that the sum of products with the inputs as they lie there, shifted by
// convolution.shift, is the output as it is to lie there; rounded if half of the last place is in it.
inline std::int64_t start_of(const Operation& operation, int channel, bool with_half) {
  std::int64_t start = bias_of(operation.convolution, channel);
  if (operation.in_zero != 0)
    for (int tap = 0; tap < taps_of(operation); ++tap)
      for (int input = 0; input < inputs_of(operation); ++input)
        start -= operation.in_zero * weight_of(operation, channel, tap, input);
  const int shift = operation.convolution.shift;
  if (with_half && shift > 0) start += std::int64_t{1} << (shift - 1);
  return start + operation.out_zero * (std::int64_t{1} << shift);
}

// Whether a lane that starts there stays inside its bits, whatever the inputs in their range and whatever
// part of the window lies outside of the picture.
inline bool stays_inside(const Operation& operation, int channel, std::int64_t start) {
  const std::int64_t low = operation.in_range.low + operation.in_zero;
  const std::int64_t high = operation.in_range.high + operation.in_zero;
  std::int64_t least = start, most = start;
  for (int tap = 0; tap < taps_of(operation); ++tap)
    for (int input = 0; input < inputs_of(operation); ++input) {
      const std::int64_t weight = weight_of(operation, channel, tap, input);
      const std::int64_t a = weight * low, b = weight * high, outside = weight * operation.in_zero;
      least += std::min({a, b, outside, std::int64_t{0}});
      most += std::max({a, b, outside, std::int64_t{0}});
    }
  const int bits = operation.in == Width::kInt8 ? Accumulators<std::int8_t>::kLaneBits
                                                : Accumulators<std::int16_t>::kLaneBits;
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return least >= -limit && most < limit;
}

}  // namespace mudra::device::s3
