#include "device/s3/packing.hpp"

#include <algorithm>
#include <cstring>

#include "device/s3/weights.hpp"

namespace mudra::device::s3 {
namespace {

constexpr int kMinus128 = -128;

struct Split {
  std::int8_t low, high;
};

// start = low - 128 * high.
Split split(std::int64_t start) {
  const int low = static_cast<int>(wrap_bits(start, 8));
  return {static_cast<std::int8_t>(low), static_cast<std::int8_t>((low - start) / 128)};
}

// Writes what a form packs, vector by vector.
class Packer {
 public:
  Packer(const Operation& operation, std::byte* to) : operation_(operation), to_(to) {}

  void expand();
  void first();
  void depthwise3_arguments();
  void depthwise3();
  void pointwise();
  void convolution(bool exact);

 private:
  // value(output channel) for the channels of a block, zeros behind the last channel.
  template <typename Value>
  void channels(int block, Value value) {
    const int lanes = lanes_of(operation_.in);
    for (int lane = 0; lane < lanes; ++lane) {
      const int channel = block * lanes + lane;
      put(channel < operation_.out_channels ? value(channel) : 0);
    }
  }
  void put(int value) {
    if (operation_.in == Width::kInt8) {
      *to_++ = static_cast<std::byte>(value);
      return;
    }
    *to_++ = static_cast<std::byte>(value);
    *to_++ = static_cast<std::byte>(value >> 8);
  }
  void all(int value) {
    for (int lane = 0; lane < lanes_of(operation_.in); ++lane) put(value);
  }
  void weights(int block, int tap, int input = 0) {
    channels(block, [&](int channel) { return weight_of(operation_, channel, tap, input); });
  }
  void low_start(int block) {
    channels(block, [&](int channel) { return split(start_of(operation_, channel, true)).low; });
  }
  void high_start(int block) {
    channels(block, [&](int channel) { return split(start_of(operation_, channel, true)).high; });
  }
  void low_bound() { all(operation_.out_range.low + operation_.out_zero); }
  void high_bound() { all(operation_.out_range.high + operation_.out_zero); }
  void lane_image(int block, bool with_half);

  // The taps of a 3x3 window by columns.
  static int by_columns(int i) { return i % 3 * 3 + i / 3; }

  const Operation& operation_;
  std::byte* to_;
};

void Packer::expand() {
  const int blocks = blocks_of(operation_);
  all(kMinus128);
  low_bound();
  high_start(0);
  weights(0, 0, 1);
  for (int block = 0; block < blocks; ++block) {
    const int next = (block + 1) % blocks;
    low_start(block);
    weights(block, 0, 0);
    for (int input = 2; input < operation_.in_channels; ++input) weights(block, 0, input);
    high_start(next);
    weights(next, 0, 1);
  }
}

void Packer::first() {
  constexpr int kWindows = 8;
  for (int block = 0; block < blocks_of(operation_); ++block) {
    all(kMinus128);
    low_bound();
    low_start(block);
    high_start(block);
    weights(block, 0);
    for (int window = 0; window < kWindows; ++window) {
      for (int i = 1; i < 9; ++i) weights(block, by_columns(i));
      high_start(block);
      weights(block, 0);
    }
  }
}

void Packer::depthwise3_arguments() {
  const Window& window = operation_.window;
  const int pixels = operation_.out_width, stride = window.stride_w, channels = operation_.out_channels;
  const int beyond = std::max(0, pad_right(operation_));
  const int columns = (pixels - 1) * stride + 3 - window.pad_left - beyond;
  const auto word = [](int value) { return static_cast<std::uint32_t>(value); };
  Depthwise3Arguments fixed{.pixels = word(stride == 1 ? (pixels - 1) / 2 : pixels - 1),
                            .blocks = word(blocks_of(operation_)),
                            .shift = operation_.convolution.shift,
                            .channels = word(channels),
                            .pad_left = window.pad_left,
                            .pad_right = word(beyond),
                            .one_is_left = word(pixels % 2),
                            .out_back = word(kVector - pixels * channels),
                            .row_back = word(kVector - columns * channels)};
  std::memset(fixed.outside, operation_.in_zero, sizeof fixed.outside);
  std::memcpy(to_, &fixed, sizeof fixed);
  to_ += sizeof fixed;
}

void Packer::depthwise3() {
  depthwise3_arguments();
  const bool apart = operation_.window.stride_w == 2;
  for (int block = 0; block < blocks_of(operation_); ++block) {
    low_start(block);
    if (apart) {
      all(kMinus128);
      low_bound();
      high_start(block);
    } else {
      high_start(block);
      all(kMinus128);
    }
    for (int i = 0; i < 9; ++i) weights(block, by_columns(i));
    if (!apart) low_bound();
    high_start(block);
    apart ? weights(block, 0) : all(kMinus128);
  }
}

// Of all lanes of a block, in the order in which LOAD_LANES reads them.
void Packer::lane_image(int block, bool with_half) {
  constexpr int kHalfBytes = 20, kLoaded = 16;
  const int lanes = lanes_of(operation_.in), bits = 2 * kHalfBytes * 8 / lanes;
  std::uint8_t halves[2][kHalfBytes] = {};
  for (int lane = 0; lane < lanes; ++lane) {
    const int channel = block * lanes + lane;
    if (channel >= operation_.out_channels) break;
    const auto start = static_cast<std::uint64_t>(start_of(operation_, channel, with_half));
    std::uint8_t* const half = halves[lane / (lanes / 2)];
    for (int bit = 0; bit < bits; ++bit) {
      const int at = lane % (lanes / 2) * bits + bit;
      half[at / 8] = static_cast<std::uint8_t>(half[at / 8] | ((start >> bit & 1) << at % 8));
    }
  }
  std::memcpy(to_, halves[0], kLoaded);
  std::memcpy(to_ + kLoaded, halves[1], kLoaded);
  std::memcpy(to_ + 2 * kLoaded, halves[0] + kLoaded, kHalfBytes - kLoaded);
  std::memcpy(to_ + 2 * kLoaded + 4, halves[1] + kLoaded, kHalfBytes - kLoaded);
  std::memset(to_ + 2 * kLoaded + 8, 0, 8);
  to_ += kLaneImage;
}

void Packer::pointwise() {
  low_bound();
  high_bound();
  for (int block = 0; block < blocks_of(operation_); ++block) lane_image(block, true);
  for (int block = 0; block < blocks_of(operation_); ++block)
    for (int input = 0; input < operation_.in_channels; ++input) weights(block, 0, input);
  weights(0, 0, 0);
  weights(0, 0, 1);
}

void Packer::convolution(bool exact) {
  const bool depthwise = operation_.convolution.depthwise;
  low_bound();
  high_bound();
  all(1);
  for (int block = 0; block < blocks_of(operation_); ++block) lane_image(block, !exact);
  const int inputs = inputs_of(operation_), columns = operation_.window.kernel_w;
  const int vectors = row_vectors(operation_) * (depthwise ? 1 : lanes_of(operation_.in));
  for (int block = 0; block < blocks_of(operation_); ++block)
    for (int row = 0; row < operation_.window.kernel_h; ++row)
      for (int i = 0; i < vectors; ++i)
        if (i < columns * inputs)
          weights(block, row * columns + i / inputs, i % inputs);
        else
          all(0);
  all(0);
  all(0);
}

}  // namespace

int row_vectors(const Operation& convolution) {
  const std::uint32_t columns = convolution.window.kernel_w;
  return static_cast<int>(convolution.convolution.depthwise
                              ? columns
                              : (columns * in_pixel_bytes(convolution) + kVector - 1) / kVector);
}

bool splits(std::int64_t start) { return start >= -16384 && start <= 16511; }

std::size_t packed_bytes(const Operation& operation, Form form) {
  const int blocks = blocks_of(operation);
  const auto bytes = [](int count) { return static_cast<std::size_t>(count); };
  switch (form) {
    case Form::kExpand:
      return bytes((4 + blocks * (operation.in_channels + 2)) * kVector);
    case Form::kFirst:
      return bytes(blocks * kFirstBlock);
    case Form::kDepthwise3:
      return sizeof(Depthwise3Arguments) + bytes(blocks * kDepthwise3Block);
    case Form::kPointwise:
      return bytes(weights_after(kPointwiseLanes, operation) +
                   (blocks * operation.in_channels + 2) * kVector);
    case Form::kConvolution:
      return bytes(
          weights_after(kConvolutionLanes, operation) +
          (blocks * operation.window.kernel_h * row_vectors(operation) * lanes_of(operation.in) + 2) *
              kVector);
    case Form::kDepthwise:
      return bytes(weights_after(kConvolutionLanes, operation) +
                   (blocks * operation.window.kernel_h * row_vectors(operation) + 2) * kVector);
    default:
      return 0;
  }
}

void pack(const Operation& operation, Form form, std::byte* to) {
  Packer packer(operation, to);
  switch (form) {
    case Form::kExpand:
      return packer.expand();
    case Form::kFirst:
      return packer.first();
    case Form::kDepthwise3:
      return packer.depthwise3();
    case Form::kPointwise:
      return packer.pointwise();
    case Form::kConvolution:
    case Form::kDepthwise:
      return packer.convolution(!rounds_at_once(operation));
    default:
      return;
  }
}

}  // namespace mudra::device::s3
