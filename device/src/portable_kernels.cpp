#include <algorithm>
#include <cstring>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"
#include "mudra/device/portable_convolution.hpp"

namespace mudra::device {
namespace {

using Kind = Operation::Kind;

// work(input pixels, output pixels, number of elements): of the whole tile, or pixel by pixel where output
// pixels lie apart.
template <TensorInteger From, TensorInteger To, typename Work>
void for_pixels(const Operation& operation, const Tile& tile, Work work) {
  const int channels = operation.in_channels;
  const From* in = as<From>(tile.rows[0]) + tile.x * channels;
  if (operation.out_step == channels * static_cast<int>(sizeof(To)))
    return work(in, as<To>(tile.out), tile.pixels * channels);
  for (int i = 0; i < tile.pixels; ++i)
    work(in + i * channels, as<To>(tile.out + static_cast<std::uint32_t>(i) * operation.out_step), channels);
}

template <TensorInteger T>
void clamp(const Operation& operation, const Tile& tile) {
  const T low = static_cast<T>(operation.out_range.low), high = static_cast<T>(operation.out_range.high);
  for_pixels<T, T>(operation, tile, [&](const T* in, T* out, int count) {
    for (int i = 0; i < count; ++i) out[i] = clip(in[i], low, high);
  });
}

template <TensorInteger From, TensorInteger To>
void convert_all(const Operation& operation, const Tile& tile) {
  for_pixels<From, To>(operation, tile, [&](const From* in, To* out, int count) {
    for (int i = 0; i < count; ++i) out[i] = convert<To>(in[i], operation.shift);
  });
}

void look_up(const Operation& operation, const Tile& tile) {
  const auto* table = static_cast<const std::int8_t*>(operation.constant) + 128;
  for_pixels<std::int8_t, std::int8_t>(operation, tile,
                                       [&](const std::int8_t* in, std::int8_t* out, int count) {
                                         for (int i = 0; i < count; ++i) out[i] = table[in[i]];
                                       });
}

template <TensorInteger T>
void activate(const Operation& operation, const Tile& tile) {
  for_pixels<T, T>(operation, tile, [&](const T* in, T* out, int count) {
    for (int i = 0; i < count; ++i)
      out[i] = activated<T>(operation.activation, in[i], operation.in_exponent, operation.out_exponent);
  });
}

template <TensorInteger T>
void copy(const Operation& operation, const Tile& tile) {
  for_pixels<T, T>(operation, tile, [&](const T* in, T* out, int count) {
    std::memcpy(out, in, static_cast<std::size_t>(count) * sizeof(T));
  });
}

// work(input, the second operand's element, output), for each element.
template <TensorInteger Second, TensorInteger T, typename Work>
void for_pairs(const Operation& operation, const Tile& tile, Work work) {
  const int channels = operation.in_channels;
  const T* in = as<T>(tile.rows[0]) + tile.x * channels;
  const Second* second = as<Second>(tile.second);
  const auto pixels = [&](int count, std::uint32_t step, int second_step, int length) {
    std::byte* out = tile.out;
    for (int i = 0; i < count; ++i, in += length, out += step, second += second_step)
      for (int c = 0; c < length; ++c) as<T>(out)[c] = work(in[c], second[c]);
  };
  const bool together = operation.out_step == out_pixel_bytes(operation);
  switch (operation.second) {
    case Operation::Second::kMap:
      return together ? pixels(1, 0, 0, tile.pixels * channels)
                      : pixels(tile.pixels, operation.out_step, channels, channels);
    case Operation::Second::kPixel:
      return pixels(tile.pixels, operation.out_step, 0, channels);
    case Operation::Second::kScalar:
      std::byte* out = tile.out;
      for (int i = 0; i < tile.pixels; ++i, in += channels, out += operation.out_step)
        for (int c = 0; c < channels; ++c) as<T>(out)[c] = work(in[c], *second);
  }
}

template <TensorInteger Second, TensorInteger T>
void add_all(const Operation& operation, const Tile& tile) {
  for_pairs<Second, T>(operation, tile,
                       [&](T a, Second b) { return add(a, convert<T>(b, operation.shift)); });
}

template <TensorInteger T>
void multiply_all(const Operation& operation, const Tile& tile) {
  for_pairs<T, T>(operation, tile, [&](T a, T b) { return multiply(a, b, operation.shift); });
}

template <TensorInteger T>
void prelu_all(const Operation& operation, const Tile& tile) {
  const int own_shift = operation.out_exponent - operation.in_exponent;
  Tile with_slopes = tile;
  with_slopes.second = static_cast<const std::byte*>(operation.constant);
  for_pairs<T, T>(operation, with_slopes,
                  [&](T x, T slope) { return prelu(x, slope, operation.shift, own_shift); });
}

// From [height][width][channel] to [channel][height][width].
template <TensorInteger T>
void turn(const Operation& operation, const Tile& tile) {
  const int channels = operation.in_channels, plane = operation.in_height * operation.in_width;
  const T* in = as<T>(tile.rows[0]);
  T* out = as<T>(tile.out) + tile.y * operation.in_width + tile.x;
  for (int i = 0; i < tile.pixels; ++i)
    for (int c = 0; c < channels; ++c) out[c * plane + i] = in[i * channels + c];
}

// Columns [first, last) of output pixels whose windows contain column x of the input.
struct Columns {
  Columns(const Operation& operation, int x) {
    const Window& window = operation.window;
    const int right = x + window.pad_left, beyond = right - window.kernel_w;
    first = beyond < 0 ? 0 : beyond / window.stride_w + 1;
    last = std::min<int>(operation.out_width, right / window.stride_w + 1);
  }
  int first, last;
};

// start is a sum of nothing, take(sum, input) one with one input more, finish(sum) the output.
template <TensorInteger T, typename Sum, typename Take, typename Finish>
void pool(const Operation& operation, const Tile& tile, Sum start, Take take, Finish finish) {
  const int channels = operation.in_channels;
  Sum* const sums = reinterpret_cast<Sum*>(tile.sums);
  switch (tile.step) {
    case Tile::Step::kStart:
      std::fill_n(sums, operation.out_width * channels, start);
      return;
    case Tile::Step::kTake:
      for (int i = 0; i < tile.pixels; ++i) {
        const T* in = as<T>(tile.rows[0]) + i * channels;
        const Columns columns(operation, tile.x + i);
        for (int x = columns.first; x < columns.last; ++x)
          for (int c = 0; c < channels; ++c) sums[x * channels + c] = take(sums[x * channels + c], in[c]);
      }
      return;
    case Tile::Step::kFinish:
      for (int x = 0; x < operation.out_width; ++x) {
        T* out = as<T>(tile.out + static_cast<std::uint32_t>(x) * operation.out_step);
        for (int c = 0; c < channels; ++c) out[c] = finish(sums[x * channels + c]);
      }
  }
}

template <TensorInteger T>
void max_pool(const Operation& operation, const Tile& tile) {
  pool<T, T>(
      operation, tile, std::numeric_limits<T>::min(), [](T most, T input) { return std::max(most, input); },
      [](T most) { return most; });
}

// No sum leaves int32: at most kMaxPoolArea values of int16.
template <TensorInteger T>
void average_pool(const Operation& operation, const Tile& tile) {
  const Reciprocal one_over_area = tile.step == Tile::Step::kFinish
                                       ? reciprocal(operation.window.kernel_h * operation.window.kernel_w)
                                       : Reciprocal();
  pool<T, std::int32_t>(
      operation, tile, 0, [](std::int32_t sum, T input) { return sum + input; },
      [&](std::int32_t sum) { return average<T>(sum, one_over_area, operation.shift); });
}

void nothing(const Operation&, const Tile&) {}

template <TensorInteger T>
Kernel chosen(const Operation& operation) {
  const bool from_wide = operation.second_width == Width::kInt16;
  switch (operation.kind) {
    case Kind::kConvolution:
      return portable_convolution(operation);
    case Kind::kMaxPool:
      return max_pool<T>;
    case Kind::kAveragePool:
      return average_pool<T>;
    case Kind::kClamp:
      return clamp<T>;
    case Kind::kConvert:
      return operation.out == Width::kInt8 ? convert_all<T, std::int8_t> : convert_all<T, std::int16_t>;
    case Kind::kAdd:
      return from_wide ? add_all<std::int16_t, T> : add_all<std::int8_t, T>;
    case Kind::kMultiply:
      return multiply_all<T>;
    case Kind::kTable:
      return look_up;
    case Kind::kActivation:
      return activate<T>;
    case Kind::kPRelu:
      return prelu_all<T>;
    case Kind::kTurn:
      return turn<T>;
    case Kind::kCopy:
      return copy<T>;
    case Kind::kJoin:
      break;
  }
  return nothing;
}

Kernel choose_portable(const Operation& operation) {
  return operation.in == Width::kInt8 ? chosen<std::int8_t>(operation) : chosen<std::int16_t>(operation);
}

std::size_t packed_bytes_portable(const Operation&) { return 0; }
void pack_portable(const Operation&, std::byte*) {}

}  // namespace

const Kernels& portable_kernels() {
  static constexpr Kernels kKernels{.tile_pixels = 1,
                                    .slack_bytes = 0,
                                    .packed_bytes = packed_bytes_portable,
                                    .pack = pack_portable,
                                    .choose = choose_portable};
  return kKernels;
}

}  // namespace mudra::device
