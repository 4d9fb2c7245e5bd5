// What an engine executes: one node of the file, or a convolution together with the activation behind it.
#pragma once

#include <cstdint>
#include <limits>

namespace mudra::device {

enum class Width : std::uint8_t { kInt8 = 1, kInt16 = 2 };

constexpr std::uint32_t bytes_of(Width width) { return static_cast<std::uint32_t>(width); }

// Integers a tensor can hold, as far as is known before running.
struct Range {
  std::int16_t low = 0, high = 0;
};

constexpr Range range_of(Width width) {
  return width == Width::kInt8 ? Range{-128, 127} : Range{-32768, 32767};
}

// Also a fully connected layer: a window of one pixel on a picture of one pixel.
struct Convolution {
  // As in the file. The first 16 * floor(out / 16) channels (int16: 8) in blocks of 16: [block][kernel_h]
  // [kernel_w][in][16]; each further channel by itself: [channel][kernel_h][kernel_w][in]. Depthwise: [block]
  // [kernel_h][kernel_w][16], then the remaining r channels [kernel_h][kernel_w][r].
  const void* weights = nullptr;
  const void* packed = nullptr;  // what Kernels::pack made of weights and bias
  const void* bias = nullptr;    // int32 or int64 per output channel, at multiples of 4; null: zeros
  std::uint16_t in_channels = 0, out_channels = 0;
  std::uint8_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_top = 0, pad_left = 0;
  std::uint8_t shift = 0;  // 0 to kMaxShift
  bool wide_bias = false;  // int64
  bool depthwise = false;
  // Whether a sum might leave an accumulator, so that the order of its products matters. False: proven from
  // the weights and the input's range that none does, and that int32 holds each sum of int8 products.
  bool saturates = true;
};

struct Operation {
  enum class Kind : std::uint8_t {
    kConvolution,
    kClamp,    // Clip or Relu
    kConvert,  // RequantizeLinear
    kAdd,
    kAverage,  // over the whole picture, one pixel of output
  };

  Kind kind = Kind::kClamp;
  // In the file: the first and the last node it stands for. Its output is the last one's.
  std::uint8_t node = 0, last_node = 0;
  Width in = Width::kInt8, out = Width::kInt8;
  std::uint16_t in_height = 1, in_width = 1, in_channels = 1;
  std::uint16_t out_height = 1, out_width = 1, out_channels = 1;
  Range in_range;   // that the input's integers keep
  Range out_range;  // kConvolution, kClamp: to which results are clamped
  Convolution convolution;
  // kConvert, kAverage: output exponent - input exponent. kAdd: of the conversion of its shortcut.
  std::int16_t shift = 0;
  Width shortcut_width = Width::kInt8;  // kAdd: of the shortcut before that conversion
};

// Multiplications of one inference.
constexpr std::int64_t products(const Operation& operation) {
  if (operation.kind != Operation::Kind::kConvolution) return 0;
  const Convolution& convolution = operation.convolution;
  return std::int64_t{operation.out_height} * operation.out_width * operation.out_channels *
         convolution.kernel_h * convolution.kernel_w * (convolution.depthwise ? 1 : operation.in_channels);
}

}  // namespace mudra::device
