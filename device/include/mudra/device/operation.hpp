// What an engine executes: one node of the file, or a convolution together with the activation behind it.
#pragma once

#include <cstdint>
#include <limits>

#include "mudra/device/activation.hpp"

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

// What of a picture one output pixel of a convolution or a pool looks at. Where it reaches beyond the
// picture, a convolution and an average see zeros, and a maximum sees nothing.
struct Window {
  std::uint16_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_top = 0, pad_left = 0;
};

// Also a fully connected layer: a window of one pixel on a picture of one pixel.
struct Convolution {
  // As in the file. The first 16 * floor(out / 16) channels (int16: 8) in blocks of 16: [block][kernel_h]
  // [kernel_w][in][16]; each further channel by itself: [channel][kernel_h][kernel_w][in]. Depthwise: [block]
  // [kernel_h][kernel_w][16], then the remaining r channels [kernel_h][kernel_w][r].
  const void* weights = nullptr;
  const void* packed = nullptr;  // what Kernels::pack made of weights and bias
  const void* bias = nullptr;    // int32 or int64 per output channel, at multiples of 4; null: zeros
  std::uint8_t shift = 0;        // 0 to kMaxShift
  bool wide_bias = false;        // int64
  bool depthwise = false;
  // Whether a sum might leave an accumulator, so that the order of its products matters. False: proven from
  // the weights and the input's range that none does, and that int32 holds each sum of int8 products.
  bool saturates = true;
};

inline std::int64_t bias_of(const Convolution& convolution, int channel) {
  if (convolution.bias == nullptr) return 0;
  const auto* words = static_cast<const std::int32_t*>(convolution.bias);
  if (!convolution.wide_bias) return words[channel];
  const auto low = static_cast<std::uint32_t>(words[2 * channel]);
  return std::int64_t{words[2 * channel + 1]} * (std::int64_t{1} << 32) + low;
}

struct Operation;
struct Tile;
using Kernel = void (*)(const Operation& operation, const Tile& tile);

struct Operation {
  enum class Kind : std::uint8_t {
    kConvolution,
    kMaxPool,      // over a window, or the whole picture
    kAveragePool,  // its divisor is the window's area, also at the picture's edge
    kClamp,        // Clip or Relu
    kConvert,      // RequantizeLinear
    kAdd,
    kMultiply,
    kTable,       // of int8: constant[input + 128]
    kActivation,  // element by element in float
    kPRelu,       // constant: a slope per channel, of the tensors' width
    kTurn,  // a picture to [channel][height][width], as fully connected weights behind a Flatten want it
    kCopy,  // into a part of a kJoin that its maker cannot write to
    kJoin,  // Concat: its parts' makers have written it
  };
  // Of kAdd and kMultiply: the other operand.
  enum class Second : std::uint8_t {
    kMap,     // as large as the first
    kPixel,   // of an element per channel: [1, 1, 1, channels], or a constant
    kScalar,  // a constant of one element
  };

  Kind kind = Kind::kClamp;
  Width in = Width::kInt8, out = Width::kInt8;
  Width second_width = Width::kInt8;  // before it is converted by `shift`
  Second second = Second::kMap;
  std::int8_t in_exponent = 0, out_exponent = 0;
  // In the file: the first and the last node it stands for. Its output is the last one's.
  std::uint16_t node = 0, last_node = 0;
  std::uint16_t in_height = 1, in_width = 1, in_channels = 1;
  std::uint16_t out_height = 1, out_width = 1, out_channels = 1;
  // Bytes from an output pixel to the next; more than its channels need where it makes a part of a kJoin.
  std::uint16_t out_step = 1;
  // Whether every row of its inputs and of its output begins at a multiple of kAlignment.
  bool is_aligned = true;
  // Bytes before each output row that its kernel may overwrite.
  std::uint8_t lead_bytes = 0;
  // What is added to every integer of the input, of the output, where it lies in memory; results are clamped
  // to out_range before. Not 0 only between two kernels that agreed on it (Kernels::arrange).
  std::int8_t in_zero = 0, out_zero = 0;
  // kConvert, kAveragePool: output exponent - input exponent. kAdd: of the conversion of the second operand.
  // kMultiply, kPRelu: as a convolution's.
  std::int16_t shift = 0;
  Range in_range;   // that the input's integers keep
  Range out_range;  // kConvolution, kClamp: to which results are clamped
  Window window;    // kConvolution and pools
  Convolution convolution;
  const void* constant = nullptr;  // kTable, kPRelu; kAdd, kMultiply: the second operand, if it is constant
  Activation activation;           // kActivation
  Kernel run = nullptr;            // chosen when the engine is prepared
};

constexpr bool is_pool(Operation::Kind kind) {
  return kind == Operation::Kind::kMaxPool || kind == Operation::Kind::kAveragePool;
}

constexpr bool reads_second(const Operation& operation) {
  return operation.kind == Operation::Kind::kAdd || operation.kind == Operation::Kind::kMultiply;
}

// Whether an output element depends only on input elements at its place.
constexpr bool is_elementwise(Operation::Kind kind) {
  using Kind = Operation::Kind;
  return kind == Kind::kClamp || kind == Kind::kConvert || kind == Kind::kAdd || kind == Kind::kMultiply ||
         kind == Kind::kTable || kind == Kind::kActivation || kind == Kind::kPRelu || kind == Kind::kCopy;
}

constexpr std::uint32_t in_pixel_bytes(const Operation& operation) {
  return operation.in_channels * bytes_of(operation.in);
}
constexpr std::uint32_t out_pixel_bytes(const Operation& operation) {
  return operation.out_channels * bytes_of(operation.out);
}

// Of a pool: what is kept of an output element until its window is complete.
constexpr std::uint32_t accumulator_bytes(const Operation& operation) {
  return operation.kind == Operation::Kind::kMaxPool ? bytes_of(operation.in) : sizeof(std::int32_t);
}

// Multiplications of one inference by the weights of convolutions and fully connected layers.
constexpr std::int64_t products(const Operation& operation) {
  if (operation.kind != Operation::Kind::kConvolution) return 0;
  return std::int64_t{operation.out_height} * operation.out_width * operation.out_channels *
         operation.window.kernel_h * operation.window.kernel_w *
         (operation.convolution.depthwise ? 1 : operation.in_channels);
}

}  // namespace mudra::device
