// Dense convolutions, also those of one pixel, as dot products. Included once per instruction set.
#if defined(MUDRA_DEVICE_HOST_DENSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_DEVICE_HOST_DENSE_INL_H_
#undef MUDRA_DEVICE_HOST_DENSE_INL_H_
#else
#define MUDRA_DEVICE_HOST_DENSE_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "device/host/dot-inl.h"
#include "device/host/packing.hpp"
#include "mudra/device/kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

constexpr int kMaxGathered = 2048;  // bytes of a window that is copied
constexpr int kJoined = 4;

// A dense convolution as dot products of whole window rows. A row of a window is kernel_w * in_channels
// neighbouring bytes, taken four at a time. Packed: the biases, padded to whole registers; then for each
// register of output channels: [kernel_h][fours of a window row][channel][4]. As long as there are kBytes
// channels, four registers hold them in the order that join() needs; the rest is in plain order.
struct Dense {
  explicit Dense(const Operation& operation)
      : convolution(operation.convolution),
        low(operation.out_range.low),
        high(operation.out_range.high),
        is_signed(operation.in_range.low < 0),
        row_bytes(convolution.kernel_w * convolution.in_channels),
        fours((row_bytes + 3) / 4),
        joined(convolution.out_channels / kBytes * kJoined),
        registers((convolution.out_channels + kWords - 1) / kWords),
        register_bytes(convolution.kernel_h * fours * kBytes) {}

  std::size_t packed_bytes() const { return static_cast<std::size_t>(registers) * (kBytes + register_bytes); }
  const std::int32_t* biases() const { return static_cast<const std::int32_t*>(convolution.packed); }
  const std::int8_t* weights(int first_register) const {
    return static_cast<const std::int8_t*>(convolution.packed) + registers * kBytes +
           first_register * register_bytes;
  }

  const Convolution& convolution;
  const int low, high;
  const bool is_signed;  // then 128 is added to each input, and taken off again in the biases
  const int row_bytes, fours;
  const int joined, registers;  // registers of output channels: to join, and all
  const int register_bytes;     // of weights
};

// The weight of an output channel at input i of its window (kernel row, kernel column, input channel).
inline std::int8_t weight_of(const Convolution& convolution, int window, int channel, int i) {
  const auto* weights = static_cast<const std::int8_t*>(convolution.weights);
  const int in_blocks = convolution.out_channels / kLanesInFile * kLanesInFile;
  if (channel >= in_blocks) return weights[channel * window + i];
  return weights[channel / kLanesInFile * kLanesInFile * window + i * kLanesInFile + channel % kLanesInFile];
}

inline void pack_dense(const Operation& operation, std::byte* to) {
  const Dense dense(operation);
  const Convolution& convolution = dense.convolution;
  std::memset(to, 0, dense.packed_bytes());
  auto* biases = reinterpret_cast<std::int32_t*>(to);
  auto* weights = reinterpret_cast<std::int8_t*>(to) + dense.registers * kBytes;
  const int window = convolution.kernel_h * dense.row_bytes;
  for (int n = 0; n < convolution.out_channels; ++n) {
    const int of_four = n / kBytes * kJoined;
    const Place place =
        of_four < dense.joined ? place_of(n % kBytes) : Place{n % kBytes / kWords, n % kWords};
    std::int8_t* of_register = weights + (of_four + place.part) * dense.register_bytes;
    std::int32_t bias = rounding_bias(convolution, n);
    for (int i = 0; i < window; ++i) {
      const int ky = i / dense.row_bytes, x = i % dense.row_bytes;
      const std::int8_t weight = weight_of(convolution, window, n, i);
      of_register[(ky * dense.fours + x / 4) * kBytes + place.lane * 4 + x % 4] = weight;
      if (dense.is_signed) bias -= 128 * weight;
    }
    biases[(of_four + place.part) * kWords + place.lane] = bias;
  }
}

// Four neighbouring inputs in every lane.
HWY_INLINE hn::Vec<Bytes> broadcast(std::uint32_t four) {
  return hn::BitCast(Bytes(), hn::Set(hn::Repartition<std::uint32_t, Bytes>(), four));
}

template <bool kSigned>
HWY_INLINE hn::Vec<Words> add_products(hn::Vec<Words> sum, hn::Vec<Bytes> inputs, SignedOf<Bytes> weights) {
  const Bytes bytes;
  if constexpr (!kSigned) return dot(bytes, sum, inputs, weights);
  const auto raised = hn::Xor(inputs, hn::Set(bytes, 128));
  if constexpr (kTakesAllBytes) return dot(bytes, sum, raised, weights);
  const auto half = hn::And(hn::ShiftRight<1>(raised), hn::Set(bytes, 127));
  return dot(bytes, dot(bytes, sum, half, weights), hn::Sub(raised, half), weights);
}

// Channels `first` and on of a pixel, as many as there are.
HWY_INLINE void store_register(const Dense& dense, hn::Vec<Words> sums, int first, std::int8_t* pixel) {
  const Words words;
  const hn::Rebind<std::int8_t, Words> out_lanes;
  const auto clamped = hn::Min(hn::Max(sums, hn::Set(words, dense.low)), hn::Set(words, dense.high));
  const auto bytes = hn::DemoteTo(out_lanes, clamped);
  const int left = dense.convolution.out_channels - first;
  if (left >= kWords)
    hn::StoreU(bytes, out_lanes, pixel + first);
  else
    hn::BlendedStore(bytes, hn::FirstN(out_lanes, static_cast<std::size_t>(left)), out_lanes, pixel + first);
}

// kPixels neighbouring output pixels in kRegisters registers of channels each. rows: the window of the first
// pixel, row by row; the next one's is pixel_bytes further.
template <bool kSigned, int kRegisters, int kPixels>
HWY_INLINE void dense_block(const Dense& dense, const std::uint8_t* const* rows, int pixel_bytes,
                            int first_register, std::int8_t* out) {
  const Words words;
  const hn::RebindToSigned<Bytes> signed_bytes;
  hn::Vec<Words> sums[kPixels][kRegisters];
  for (int r = 0; r < kRegisters; ++r) {
    const auto bias = hn::LoadU(words, dense.biases() + (first_register + r) * kWords);
    for (int p = 0; p < kPixels; ++p) sums[p][r] = bias;
  }
  const std::int8_t* weights = dense.weights(first_register);
  for (int ky = 0; ky < dense.convolution.kernel_h; ++ky) {
    const std::uint8_t* row = rows[ky];
    for (int i = 0; i < dense.fours; ++i, row += 4, weights += kBytes) {
      SignedOf<Bytes> taps[kRegisters];
      for (int r = 0; r < kRegisters; ++r)
        taps[r] = hn::LoadU(signed_bytes, weights + r * dense.register_bytes);
      for (int p = 0; p < kPixels; ++p) {
        std::uint32_t four = 0;
        std::memcpy(&four, row + p * pixel_bytes, 4);
        const auto inputs = broadcast(four);
        for (int r = 0; r < kRegisters; ++r) sums[p][r] = add_products<kSigned>(sums[p][r], inputs, taps[r]);
      }
    }
  }
  for (int p = 0; p < kPixels; ++p, out += dense.convolution.out_channels) {
    for (int r = 0; r < kRegisters; ++r) sums[p][r] = hn::ShiftRightSame(sums[p][r], dense.convolution.shift);
    if constexpr (kRegisters == kJoined)
      hn::StoreU(join(Bytes(), sums[p], dense.low, dense.high), signed_bytes, out + first_register * kWords);
    else
      for (int r = 0; r < kRegisters; ++r)
        store_register(dense, sums[p][r], (first_register + r) * kWords, out);
  }
}

// As many blocks as there are whole ones; `at`, `pixels` and `out` go on behind them.
template <bool kSigned, int kRegisters, int kPixels>
HWY_INLINE void dense_blocks(const Dense& dense, const std::uint8_t* (&at)[kMaxKernelSide], int pixel_bytes,
                             int& pixels, int first_register, std::int8_t*& out) {
  for (; pixels >= kPixels; pixels -= kPixels) {
    dense_block<kSigned, kRegisters, kPixels>(dense, at, pixel_bytes, first_register, out);
    for (int ky = 0; ky < dense.convolution.kernel_h; ++ky) at[ky] += kPixels * pixel_bytes;
    out += kPixels * dense.convolution.out_channels;
  }
}

template <bool kSigned, int kRegisters>
HWY_INLINE void dense_registers(const Dense& dense, const std::uint8_t* const* rows, int pixel_bytes,
                                int pixels, int first_register, std::int8_t* out) {
  constexpr int kTogether =
      HWY_TARGET <= HWY_AVX3 ? 24 / std::max(kRegisters, 2) : 8 / std::max(kRegisters, 2);
  const std::uint8_t* at[kMaxKernelSide];
  std::copy(rows, rows + dense.convolution.kernel_h, at);
  dense_blocks<kSigned, kRegisters, kTogether>(dense, at, pixel_bytes, pixels, first_register, out);
  dense_blocks<kSigned, kRegisters, 4>(dense, at, pixel_bytes, pixels, first_register, out);
  dense_blocks<kSigned, kRegisters, 1>(dense, at, pixel_bytes, pixels, first_register, out);
}

template <bool kSigned>
HWY_NOINLINE void dense_pixels(const Dense& dense, const std::uint8_t* const* rows, int pixel_bytes,
                               int pixels, std::int8_t* out) {
  int r = 0;
  for (; r < dense.joined; r += kJoined)
    dense_registers<kSigned, kJoined>(dense, rows, pixel_bytes, pixels, r, out);
  for (; r + 2 <= dense.registers; r += 2)
    dense_registers<kSigned, 2>(dense, rows, pixel_bytes, pixels, r, out);
  if (r < dense.registers) dense_registers<kSigned, 1>(dense, rows, pixel_bytes, pixels, r, out);
}

// The first and the last output column whose window lies inside the picture, as [first, last).
struct Inside {
  int first, last;
};

inline Inside inside_of(const Operation& operation) {
  const Convolution& convolution = operation.convolution;
  const int first = (convolution.pad_left + convolution.stride_w - 1) / convolution.stride_w;
  const int room = operation.in_width + convolution.pad_left - convolution.kernel_w;
  return {first, std::max(first, room < 0 ? 0 : room / convolution.stride_w + 1)};
}

// Copies the window of output column x, zeros where there is no picture.
inline void gather(const Operation& operation, const Tile& tile, int x, int row_bytes, std::uint8_t* to) {
  const Convolution& convolution = operation.convolution;
  const int left = x * convolution.stride_w - convolution.pad_left, channels = convolution.in_channels;
  const int first = std::max(0, -left), last = std::min<int>(convolution.kernel_w, operation.in_width - left);
  for (int ky = 0; ky < convolution.kernel_h; ++ky, to += row_bytes) {
    std::memset(to, 0, static_cast<std::size_t>(row_bytes));
    if (tile.rows[ky] != nullptr)
      std::memcpy(to + first * channels, tile.rows[ky] + (left + first) * channels,
                  static_cast<std::size_t>((last - first) * channels));
  }
}

inline void run_dense(const Operation& operation, const Tile& tile) {
  const Dense dense(operation);
  const Convolution& convolution = operation.convolution;
  const auto pixels_of = dense.is_signed ? dense_pixels<true> : dense_pixels<false>;
  const int pixel_bytes = convolution.stride_w * convolution.in_channels;
  auto* out = reinterpret_cast<std::int8_t*>(tile.out);
  const bool whole = std::none_of(tile.rows, tile.rows + convolution.kernel_h,
                                  [](const std::byte* row) { return row == nullptr; });
  const Inside inside = whole ? inside_of(operation) : Inside{0, 0};
  for (int x = tile.x; x < tile.x + tile.pixels;) {
    const std::uint8_t* rows[kMaxKernelSide];
    int count = 1;
    alignas(4) std::uint8_t window[kMaxGathered];
    if (x >= inside.first && x < inside.last) {
      count = std::min(inside.last, tile.x + tile.pixels) - x;
      const int left = x * convolution.stride_w - convolution.pad_left;
      for (int ky = 0; ky < convolution.kernel_h; ++ky)
        rows[ky] = reinterpret_cast<const std::uint8_t*>(tile.rows[ky]) + left * convolution.in_channels;
    } else {
      const int row_bytes = dense.fours * 4;
      gather(operation, tile, x, row_bytes, window);
      for (int ky = 0; ky < convolution.kernel_h; ++ky) rows[ky] = window + ky * row_bytes;
    }
    pixels_of(dense, rows, pixel_bytes, count, out + (x - tile.x) * convolution.out_channels);
    x += count;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
