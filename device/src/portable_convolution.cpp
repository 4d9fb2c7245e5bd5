#include "mudra/device/portable_convolution.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"

namespace mudra::device {
namespace {

// How the sum of an output channel is kept: in the widest register where saturation is possible, and where
// it is proven not to happen in the narrowest that holds it.
template <TensorInteger T, bool kSaturates>
struct Sum {
  using Register = std::conditional_t<kSaturates || sizeof(T) == 2, std::int64_t, std::int32_t>;

  static Register start(const Convolution& convolution, int channel, int bits) {
    const std::int64_t bias = bias_of(convolution, channel);
    return static_cast<Register>(kSaturates ? wrap_bits(bias, bits) : bias);
  }
  static Register add(Register sum, std::int32_t product, int bits) {
    if constexpr (kSaturates) return accumulate(sum, product, bits);
    return sum + product;
  }
};

// Rounded, saturated and clamped at once: the bounds are no wider than T.
template <TensorInteger T, typename Register>
T finish(const Operation& operation, Register sum) {
  const Register rounded = round_shift(sum, operation.convolution.shift);
  return static_cast<T>(
      std::clamp(rounded, Register{operation.out_range.low}, Register{operation.out_range.high}));
}

// work(0) to work(kCount - 1), written out: so that arrays indexed by them become registers at any
// optimisation level.
template <int kCount, typename Work>
[[gnu::always_inline]] inline void unrolled(Work work) {
  [&]<int... j>(std::integer_sequence<int, j...>) __attribute__((always_inline)) { (work(j), ...); }
  (std::make_integer_sequence<int, kCount>());
}

// What of the window of one output pixel lies in the picture: from each of some rows as many columns.
template <TensorInteger T>
struct Taps {
  struct Row {
    const T* inputs;  // of the first column
    int tap;          // of the first column, counted row by row
  };

  Taps(const Operation& operation, const Tile& tile, int x) {
    const Window& window = operation.window;
    const int left = x * window.stride_w - window.pad_left;
    const int first = std::max(0, -left);
    columns = std::min<int>(window.kernel_w, operation.in_width - left) - first;
    for (int ky = 0; ky < window.kernel_h; ++ky)
      if (tile.rows[ky] != nullptr)
        rows[row_count++] = {as<T>(tile.rows[ky]) + (left + first) * operation.in_channels,
                             ky * window.kernel_w + first};
  }

  Row rows[kMaxKernelSide];
  int row_count = 0, columns = 0;
};

// Where the weights of neighbouring output channels and of neighbouring inputs lie.
struct Strides {
  int channel, input;
};

// kCount output channels from `channel` on. Each sum takes its products in the order kernel row, kernel
// column, input channel.
template <TensorInteger T, bool kSaturates, int kCount>
void dense_channels(const Operation& operation, const Taps<T>& window, int channel, const T* weights,
                    Strides strides, int bits, T* out) {
  using Sums = Sum<T, kSaturates>;
  const int in = operation.in_channels, count = window.columns * in;
  typename Sums::Register sums[kCount];
  unrolled<kCount>([&](int j) { sums[j] = Sums::start(operation.convolution, channel + j, bits); });
  for (int row = 0; row < window.row_count; ++row) {
    const T* inputs = window.rows[row].inputs;
    const T* tap = weights + window.rows[row].tap * in * strides.input;
    for (int i = 0; i < count; ++i, tap += strides.input)
      unrolled<kCount>([&](int j) {
        sums[j] = Sums::add(sums[j], std::int32_t{inputs[i]} * tap[j * strides.channel], bits);
      });
  }
  unrolled<kCount>([&](int j) { out[j] = finish<T>(operation, sums[j]); });
}

template <TensorInteger T, bool kSaturates>
void dense(const Operation& operation, const Tile& tile) {
  using Accumulator = Accumulators<T>;
  constexpr int kLanes = Accumulator::kLanes, kTogether = 4;
  const Convolution& convolution = operation.convolution;
  const int taps = operation.window.kernel_h * operation.window.kernel_w * operation.in_channels;
  const int channels = operation.out_channels, in_lanes = Accumulator::lane_channels(channels);
  const T* weights = static_cast<const T*>(convolution.weights);
  for (int i = 0; i < tile.pixels; ++i) {
    const Taps<T> window(operation, tile, tile.x + i);
    T* out = as<T>(tile.out + static_cast<std::uint32_t>(i) * operation.out_step);
    int n = 0;
    for (; n < in_lanes; n += kTogether)
      dense_channels<T, kSaturates, kTogether>(operation, window, n,
                                               weights + n / kLanes * kLanes * taps + n % kLanes, {1, kLanes},
                                               Accumulator::kLaneBits, out + n);
    for (; n + kTogether <= channels; n += kTogether)
      dense_channels<T, kSaturates, kTogether>(operation, window, n, weights + n * taps, {taps, 1},
                                               Accumulator::kSingleBits, out + n);
    for (; n < channels; ++n)
      dense_channels<T, kSaturates, 1>(operation, window, n, weights + n * taps, {taps, 1},
                                       Accumulator::kSingleBits, out + n);
  }
}

// kCount neighbouring channels from `channel` on, all within a block of `block` channels.
template <TensorInteger T, bool kSaturates, int kCount>
void depthwise_channels(const Operation& operation, const Taps<T>& window, int channel, const T* weights,
                        int block, T* out) {
  using Sums = Sum<T, kSaturates>;
  constexpr int kBits = Accumulators<T>::kLaneBits;
  const int channels = operation.in_channels;
  typename Sums::Register sums[kCount];
  unrolled<kCount>([&](int j) { sums[j] = Sums::start(operation.convolution, channel + j, kBits); });
  for (int row = 0; row < window.row_count; ++row) {
    const T* inputs = window.rows[row].inputs + channel;
    const T* tap = weights + window.rows[row].tap * block;
    for (int column = 0; column < window.columns; ++column, inputs += channels, tap += block)
      unrolled<kCount>([&](int j) { sums[j] = Sums::add(sums[j], std::int32_t{inputs[j]} * tap[j], kBits); });
  }
  unrolled<kCount>([&](int j) { out[j] = finish<T>(operation, sums[j]); });
}

template <TensorInteger T, bool kSaturates>
void depthwise(const Operation& operation, const Tile& tile) {
  constexpr int kLanes = Accumulators<T>::kLanes, kTogether = 4;
  const Convolution& convolution = operation.convolution;
  const int taps = operation.window.kernel_h * operation.window.kernel_w, channels = operation.out_channels;
  const T* weights = static_cast<const T*>(convolution.weights);
  for (int i = 0; i < tile.pixels; ++i) {
    const Taps<T> window(operation, tile, tile.x + i);
    T* out = as<T>(tile.out + static_cast<std::uint32_t>(i) * operation.out_step);
    for (int first = 0; first < channels; first += kLanes) {
      const int block = std::min(kLanes, channels - first);
      const T* of_block = weights + first * taps;
      int n = 0;
      for (; n + kTogether <= block; n += kTogether)
        depthwise_channels<T, kSaturates, kTogether>(operation, window, first + n, of_block + n, block,
                                                     out + first + n);
      for (; n < block; ++n)
        depthwise_channels<T, kSaturates, 1>(operation, window, first + n, of_block + n, block,
                                             out + first + n);
    }
  }
}

template <TensorInteger T>
Kernel chosen(const Convolution& convolution) {
  if (convolution.depthwise) return convolution.saturates ? depthwise<T, true> : depthwise<T, false>;
  return convolution.saturates ? dense<T, true> : dense<T, false>;
}

}  // namespace

Kernel portable_convolution(const Operation& convolution) {
  return convolution.in == Width::kInt8 ? chosen<std::int8_t>(convolution.convolution)
                                        : chosen<std::int16_t>(convolution.convolution);
}

}  // namespace mudra::device
