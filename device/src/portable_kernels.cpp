#include <algorithm>
#include <type_traits>
#include <utility>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"

namespace mudra::device {
namespace {

template <typename T>
const T* as(const std::byte* bytes) {
  return reinterpret_cast<const T*>(bytes);
}

template <typename T>
T* as(std::byte* bytes) {
  return reinterpret_cast<T*>(bytes);
}

std::int64_t bias_of(const Convolution& convolution, int channel) {
  if (convolution.bias == nullptr) return 0;
  const auto* words = static_cast<const std::int32_t*>(convolution.bias);
  if (!convolution.wide_bias) return words[channel];
  const auto low = static_cast<std::uint32_t>(words[2 * channel]);
  return std::int64_t{words[2 * channel + 1]} * (std::int64_t{1} << 32) + low;
}

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
struct Window {
  struct Row {
    const T* inputs;  // of the first column
    int tap;          // of the first column, counted row by row
  };

  Window(const Operation& operation, const Tile& tile, int x) {
    const Convolution& convolution = operation.convolution;
    const int left = x * convolution.stride_w - convolution.pad_left;
    const int first = std::max(0, -left);
    columns = std::min<int>(convolution.kernel_w, operation.in_width - left) - first;
    for (int ky = 0; ky < convolution.kernel_h; ++ky)
      if (tile.rows[ky] != nullptr)
        rows[row_count++] = {as<T>(tile.rows[ky]) + (left + first) * convolution.in_channels,
                             ky * convolution.kernel_w + first};
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
void dense_channels(const Operation& operation, const Window<T>& window, int channel, const T* weights,
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
  const int taps = convolution.kernel_h * convolution.kernel_w * convolution.in_channels;
  const int channels = convolution.out_channels, in_lanes = Accumulator::lane_channels(channels);
  const T* weights = static_cast<const T*>(convolution.weights);
  for (int i = 0; i < tile.pixels; ++i) {
    const Window<T> window(operation, tile, tile.x + i);
    T* out = as<T>(tile.out) + i * channels;
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
void depthwise_channels(const Operation& operation, const Window<T>& window, int channel, const T* weights,
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
  const int taps = convolution.kernel_h * convolution.kernel_w, channels = convolution.out_channels;
  const T* weights = static_cast<const T*>(convolution.weights);
  for (int i = 0; i < tile.pixels; ++i) {
    const Window<T> window(operation, tile, tile.x + i);
    T* out = as<T>(tile.out) + i * channels;
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
void convolve(const Operation& operation, const Tile& tile) {
  const Convolution& convolution = operation.convolution;
  if (convolution.depthwise)
    convolution.saturates ? depthwise<T, true>(operation, tile) : depthwise<T, false>(operation, tile);
  else
    convolution.saturates ? dense<T, true>(operation, tile) : dense<T, false>(operation, tile);
}

template <TensorInteger T>
void clamp(const Operation& operation, const Tile& tile) {
  const T low = static_cast<T>(operation.out_range.low), high = static_cast<T>(operation.out_range.high);
  const int count = tile.pixels * operation.out_channels;
  const T* in = as<T>(tile.rows[0]) + tile.x * operation.out_channels;
  for (int i = 0; i < count; ++i) as<T>(tile.out)[i] = clip(in[i], low, high);
}

template <TensorInteger From, TensorInteger To>
void convert_all(const Operation& operation, const Tile& tile) {
  const int count = tile.pixels * operation.out_channels;
  const From* in = as<From>(tile.rows[0]) + tile.x * operation.out_channels;
  for (int i = 0; i < count; ++i) as<To>(tile.out)[i] = convert<To>(in[i], operation.shift);
}

void convert_all(const Operation& operation, const Tile& tile) {
  const bool from_wide = operation.in == Width::kInt16, to_wide = operation.out == Width::kInt16;
  if (from_wide)
    to_wide ? convert_all<std::int16_t, std::int16_t>(operation, tile)
            : convert_all<std::int16_t, std::int8_t>(operation, tile);
  else
    to_wide ? convert_all<std::int8_t, std::int16_t>(operation, tile)
            : convert_all<std::int8_t, std::int8_t>(operation, tile);
}

template <TensorInteger Shortcut, TensorInteger T>
void add_all(const Operation& operation, const Tile& tile) {
  const int count = tile.pixels * operation.out_channels;
  const T* in = as<T>(tile.rows[0]) + tile.x * operation.out_channels;
  const Shortcut* shortcut = as<Shortcut>(tile.shortcut);
  for (int i = 0; i < count; ++i) as<T>(tile.out)[i] = add(in[i], convert<T>(shortcut[i], operation.shift));
}

void add_all(const Operation& operation, const Tile& tile) {
  const bool from_wide = operation.shortcut_width == Width::kInt16, wide = operation.out == Width::kInt16;
  if (from_wide)
    wide ? add_all<std::int16_t, std::int16_t>(operation, tile)
         : add_all<std::int16_t, std::int8_t>(operation, tile);
  else
    wide ? add_all<std::int8_t, std::int16_t>(operation, tile)
         : add_all<std::int8_t, std::int8_t>(operation, tile);
}

template <TensorInteger T>
void average_all(const Operation& operation, const Tile& tile) {
  const int channels = operation.in_channels, area = operation.in_height * operation.in_width;
  const Reciprocal one_over_area = reciprocal(area);
  for (int c = 0; c < channels; ++c) {
    const T* in = as<T>(tile.rows[0]) + c;
    std::int32_t sum = 0;  // of at most kMaxPoolArea values
    for (int i = 0; i < area; ++i, in += channels) sum += *in;
    as<T>(tile.out)[c] = average<T>(sum, one_over_area, operation.shift);
  }
}

template <TensorInteger T>
void run_in(const Operation& operation, const Tile& tile) {
  switch (operation.kind) {
    case Operation::Kind::kConvolution:
      return convolve<T>(operation, tile);
    case Operation::Kind::kClamp:
      return clamp<T>(operation, tile);
    case Operation::Kind::kConvert:
      return convert_all(operation, tile);
    case Operation::Kind::kAdd:
      return add_all(operation, tile);
    case Operation::Kind::kAverage:
      return average_all<T>(operation, tile);
  }
}

void run_portable(const Operation& operation, const Tile& tile) {
  operation.in == Width::kInt8 ? run_in<std::int8_t>(operation, tile) : run_in<std::int16_t>(operation, tile);
}

std::size_t packed_bytes_portable(const Operation&) { return 0; }
void pack_portable(const Operation&, std::byte*) {}

// Sums of products whose inputs may be any in `range`, or missing.
template <TensorInteger T>
struct Bounds {
  Range range;
  std::int64_t least = 0, most = 0;

  void add(std::int32_t weight) {
    const std::int32_t a = weight * range.low, b = weight * range.high;
    least += std::min({a, b, 0});
    most += std::max({a, b, 0});
  }
  bool fit(int bits) const {
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    return least >= -limit && most < limit;
  }
};

template <TensorInteger T>
bool all_sums_fit(const Convolution& convolution, Range range) {
  constexpr int kLanes = Accumulators<T>::kLanes, kRegisterBits = sizeof(T) == 1 ? 30 : 40;
  const int taps = convolution.kernel_h * convolution.kernel_w, channels = convolution.out_channels;
  const int in_lanes = convolution.depthwise ? channels : Accumulators<T>::lane_channels(channels);
  const int window = convolution.depthwise ? taps : taps * convolution.in_channels;
  for (int n = 0; n < channels; ++n) {
    // A block holds kLanes channels; the remainder of a depthwise convolution is a smaller block.
    const int first = n < in_lanes ? n / kLanes * kLanes : n;
    const int step = n < in_lanes ? std::min(kLanes, channels - first) : 1;
    const T* weights = static_cast<const T*>(convolution.weights) + first * window + (n - first);
    const std::int64_t bias = bias_of(convolution, n);
    if (wrap_bits(bias, Accumulators<T>::kSingleBits) != bias) return false;
    Bounds<T> bounds{.range = range, .least = bias, .most = bias};
    for (int i = 0; i < window; ++i) bounds.add(weights[i * step]);
    const int bits = n < in_lanes ? Accumulators<T>::kLaneBits : Accumulators<T>::kSingleBits;
    if (!bounds.fit(std::min(bits, kRegisterBits))) return false;
  }
  return true;
}

}  // namespace

const Kernels& portable_kernels() {
  static constexpr Kernels kKernels{.tile_pixels = 1,
                                    .slack_bytes = 0,
                                    .packed_bytes = packed_bytes_portable,
                                    .pack = pack_portable,
                                    .run = run_portable};
  return kKernels;
}

bool sums_fit(const Convolution& convolution, Width width, Range range) {
  return width == Width::kInt8 ? all_sums_fit<std::int8_t>(convolution, range)
                               : all_sums_fit<std::int16_t>(convolution, range);
}

}  // namespace mudra::device
