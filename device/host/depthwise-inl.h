// Depthwise convolutions of 3 x 3 as dot products of four taps. Included once per instruction set.
#if defined(MUDRA_DEVICE_HOST_DEPTHWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_DEVICE_HOST_DEPTHWISE_INL_H_
#undef MUDRA_DEVICE_HOST_DEPTHWISE_INL_H_
#else
#define MUDRA_DEVICE_HOST_DEPTHWISE_INL_H_
#endif

#include <algorithm>
#include <cstring>

#include "device/host/dot-inl.h"
#include "device/host/packing.hpp"
#include "mudra/device/kernels.hpp"
#include "mudra/device/network.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

// A 3 x 3 depthwise convolution. Channels go in chunks of a register, half or a quarter of one; the last
// quarter may overlap the chunk before. Of each chunk are packed: biases [4][chunk / 4], then weights
// [3 fours of taps][4][chunk / 4][4 taps], in the order of channels that interleaving bytes leads to: part v
// of the four holds channels 4v to 4v + 3 of every 16.
constexpr int kTaps = 9, kFoursOfTaps = 3, kSmallestChunk = 16;
constexpr int kChunkBytesPerChannel = 4 + 4 * kFoursOfTaps;

// visit(first channel, its number among all chunks' channels, chunk's tag)
template <class Visit>
HWY_INLINE void for_each_chunk(int channels, Visit visit) {
  using Half = hn::CappedTag<std::uint8_t, 32>;
  using Quarter = hn::CappedTag<std::uint8_t, 16>;
  int first = 0, packed = 0;
  const auto go_on = [&](int count) { first += count, packed += count; };
  for (; channels - first >= kBytes; go_on(kBytes)) visit(first, packed, Bytes());
  if (channels - first >= 32 && kBytes > 32) visit(first, packed, Half()), go_on(32);
  for (; channels - first >= kSmallestChunk; go_on(16)) visit(first, packed, Quarter());
  if (first < channels) visit(channels - kSmallestChunk, packed, Quarter());
}

std::size_t packed_bytes_depthwise(const Operation& operation) {
  const int channels = (operation.out_channels + kSmallestChunk - 1) / kSmallestChunk * kSmallestChunk;
  return static_cast<std::size_t>(channels) * kChunkBytesPerChannel;
}

std::int8_t tap_of(const Convolution& convolution, int channel, int tap) {
  const auto* weights = static_cast<const std::int8_t*>(convolution.weights);
  const int first = channel / kLanesInFile * kLanesInFile;
  const int block = std::min(kLanesInFile, convolution.out_channels - first);
  return weights[first * kTaps + tap * block + (channel - first)];
}

void pack_depthwise(const Operation& operation, std::byte* to) {
  const Convolution& convolution = operation.convolution;
  std::memset(to, 0, packed_bytes_depthwise(operation));
  for_each_chunk(operation.out_channels, [&](int first, int packed, auto tag) {
    const int lanes = static_cast<int>(hn::Lanes(tag));
    auto* biases = reinterpret_cast<std::int32_t*>(to + packed * kChunkBytesPerChannel);
    auto* weights = reinterpret_cast<std::int8_t*>(biases + lanes);
    for (int c = 0; c < lanes; ++c) {
      const auto [part, lane] = place_of(c);
      biases[part * (lanes / 4) + lane] = rounding_bias(convolution, first + c);
      for (int tap = 0; tap < kTaps; ++tap)
        weights[(tap / 4 * 4 + part) * lanes + lane * 4 + tap % 4] = tap_of(convolution, first + c, tap);
    }
  });
}

// Four taps of all channels of a chunk, so that the four of a channel neighbour.
template <class D8>
struct FourTaps {
  hn::Vec<D8> parts[4];

  HWY_INLINE FourTaps(D8 d8, hn::Vec<D8> a, hn::Vec<D8> b, hn::Vec<D8> c, hn::Vec<D8> d) {
    const hn::Repartition<std::uint16_t, D8> d16;
    const auto low_ab = hn::BitCast(d16, hn::InterleaveLower(d8, a, b)),
               high_ab = hn::BitCast(d16, hn::InterleaveUpper(d8, a, b)),
               low_cd = hn::BitCast(d16, hn::InterleaveLower(d8, c, d)),
               high_cd = hn::BitCast(d16, hn::InterleaveUpper(d8, c, d));
    parts[0] = hn::BitCast(d8, hn::InterleaveLower(d16, low_ab, low_cd));
    parts[1] = hn::BitCast(d8, hn::InterleaveUpper(d16, low_ab, low_cd));
    parts[2] = hn::BitCast(d8, hn::InterleaveLower(d16, high_ab, high_cd));
    parts[3] = hn::BitCast(d8, hn::InterleaveUpper(d16, high_ab, high_cd));
  }
};

// The chunk's channels of one output pixel. taps: where the input pixels' channels start.
template <class D8>
HWY_INLINE void depthwise_chunk(D8 d8, const Operation& operation, const std::uint8_t* const (&taps)[kTaps],
                                int first, const std::byte* packed, std::int8_t* out) {
  const hn::Repartition<std::int32_t, D8> words;
  const hn::RebindToSigned<D8> signed_bytes;
  const int lanes = static_cast<int>(hn::Lanes(d8));
  const auto* biases = reinterpret_cast<const std::int32_t*>(packed);
  const auto* weights = reinterpret_cast<const std::int8_t*>(biases + lanes);
  hn::Vec<D8> t[kTaps];
  for (int i = 0; i < kTaps; ++i) t[i] = hn::LoadU(d8, taps[i] + first);
  const auto zero = hn::Zero(d8);
  const FourTaps<D8> fours[kFoursOfTaps] = {
      {d8, t[0], t[1], t[2], t[3]}, {d8, t[4], t[5], t[6], t[7]}, {d8, t[8], zero, zero, zero}};
  WordsOf<D8> sums[4];
  for (int v = 0; v < 4; ++v) {
    sums[v] = hn::LoadU(words, biases + v * (lanes / 4));
    for (int i = 0; i < kFoursOfTaps; ++i)
      sums[v] = dot(d8, sums[v], fours[i].parts[v], hn::LoadU(signed_bytes, weights + (4 * i + v) * lanes));
    sums[v] = hn::ShiftRightSame(sums[v], operation.convolution.shift);
  }
  hn::StoreU(join(d8, sums, operation.out_range.low, operation.out_range.high), signed_bytes, out + first);
}

// Where the channels of the input pixel start that a tap of the window at column `left` falls on.
const std::uint8_t* tap_at(const Operation& operation, const Tile& tile, int left, int tap) {
  static constexpr std::uint8_t kZeros[kMaxSide] = {};
  const std::byte* row = tile.rows[tap / 3];
  const int x = left + tap % 3;
  if (row == nullptr || x < 0 || x >= operation.in_width) return kZeros;
  return reinterpret_cast<const std::uint8_t*>(row) + x * operation.in_channels;
}

void run_depthwise(const Operation& operation, const Tile& tile) {
  const Convolution& convolution = operation.convolution;
  const int channels = operation.out_channels;
  const auto* packed = static_cast<const std::byte*>(convolution.packed);
  auto* out = reinterpret_cast<std::int8_t*>(tile.out);
  const std::uint8_t* taps[kTaps];
  bool moves =
      false;  // whether taps hold a window inside the picture, so that the next one is a step further
  for (int x = tile.x; x < tile.x + tile.pixels; ++x, out += channels) {
    const int left = x * convolution.stride_w - convolution.pad_left;
    const bool inside = left >= 0 && left + 3 <= operation.in_width && tile.rows[0] != nullptr &&
                        tile.rows[1] != nullptr && tile.rows[2] != nullptr;
    for (int tap = 0; tap < kTaps; ++tap)
      taps[tap] =
          moves && inside ? taps[tap] + convolution.stride_w * channels : tap_at(operation, tile, left, tap);
    moves = inside;
    for_each_chunk(channels, [&](int first, int packed_channels, auto tag) HWY_ATTR {
      depthwise_chunk(tag, operation, taps, first, packed + packed_channels * kChunkBytesPerChannel, out);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
