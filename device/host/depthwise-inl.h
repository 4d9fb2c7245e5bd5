// Depthwise convolutions of 3 x 3 as dot products of window columns. Included once per instruction set.
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

// A 3 x 3 depthwise convolution as three dot products, each of a column of the window and a zero. Channels go
// in chunks of a register, half or a quarter of one; the last quarter may overlap the chunk before. Of each
// chunk are packed: biases [4][chunk / 4], then weights [3 columns][4][chunk / 4][3 rows and 0], in the order
// of channels that interleaving bytes leads to: part v of the four holds channels 4v to 4v + 3 of every 16.
constexpr int kSide = 3, kSmallestChunk = 16;
constexpr int kChunkBytesPerChannel = 4 + 4 * kSide;

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

inline std::size_t packed_bytes_depthwise(const Operation& operation) {
  const int channels = (operation.out_channels + kSmallestChunk - 1) / kSmallestChunk * kSmallestChunk;
  return static_cast<std::size_t>(channels) * kChunkBytesPerChannel;
}

inline std::int8_t depthwise_weight(const Operation& operation, int channel, int tap) {
  constexpr int kTaps = kSide * kSide;
  const auto* weights = static_cast<const std::int8_t*>(operation.convolution.weights);
  const int first = channel / kLanesInFile * kLanesInFile;
  const int block = std::min(kLanesInFile, operation.out_channels - first);
  return weights[first * kTaps + tap * block + (channel - first)];
}

inline void pack_depthwise(const Operation& operation, std::byte* to) {
  const Convolution& convolution = operation.convolution;
  std::memset(to, 0, packed_bytes_depthwise(operation));
  for_each_chunk(operation.out_channels, [&](int first, int packed, auto tag) {
    const int lanes = static_cast<int>(hn::Lanes(tag));
    auto* biases = reinterpret_cast<std::int32_t*>(to + packed * kChunkBytesPerChannel);
    auto* weights = reinterpret_cast<std::int8_t*>(biases + lanes);
    for (int c = 0; c < lanes; ++c) {
      const auto [part, lane] = place_of(c);
      biases[part * (lanes / 4) + lane] = rounding_bias(convolution, first + c);
      for (int kx = 0; kx < kSide; ++kx)
        for (int ky = 0; ky < kSide; ++ky)
          weights[(kx * 4 + part) * lanes + lane * 4 + ky] =
              depthwise_weight(operation, first + c, ky * kSide + kx);
    }
  });
}

// A window's column in all channels of a chunk, so that the three rows of a channel neighbour, a zero behind
// them.
template <class D8>
struct Column {
  hn::Vec<D8> parts[4];
};

// Reads the columns of a chunk: at column x of the picture, or zeros beside it.
template <class D8>
struct ColumnReader {
  HWY_INLINE Column<D8> operator()(int x) const {
    const D8 d8;
    const hn::Repartition<std::uint16_t, D8> d16;
    const auto zero = hn::Zero(d8);
    if (x < 0 || x >= width) return {{zero, zero, zero, zero}};
    const auto pixel = [&](int ky) HWY_ATTR {
      return rows[ky] == nullptr ? zero : hn::LoadU(d8, rows[ky] + x * channels);
    };
    const auto a = pixel(0), b = pixel(1), c = pixel(2);
    const auto low_ab = hn::BitCast(d16, hn::InterleaveLower(d8, a, b)),
               high_ab = hn::BitCast(d16, hn::InterleaveUpper(d8, a, b)),
               low_c = hn::BitCast(d16, hn::InterleaveLower(d8, c, zero)),
               high_c = hn::BitCast(d16, hn::InterleaveUpper(d8, c, zero));
    return {{hn::BitCast(d8, hn::InterleaveLower(d16, low_ab, low_c)),
             hn::BitCast(d8, hn::InterleaveUpper(d16, low_ab, low_c)),
             hn::BitCast(d8, hn::InterleaveLower(d16, high_ab, high_c)),
             hn::BitCast(d8, hn::InterleaveUpper(d16, high_ab, high_c))}};
  }

  const std::uint8_t* rows[kSide];  // the chunk's first channel of pixel 0; null outside of the picture
  int width, channels;
};

// The chunk's channels of one output pixel, from the three columns of its window.
template <class D8>
HWY_INLINE SignedOf<D8> depthwise_pixel(const Operation& operation, const Column<D8>& left,
                                        const Column<D8>& middle, const Column<D8>& right,
                                        const std::byte* packed) {
  const D8 d8;
  const hn::Repartition<std::int32_t, D8> words;
  const hn::RebindToSigned<D8> signed_bytes;
  const int lanes = static_cast<int>(hn::Lanes(d8));
  const auto* biases = reinterpret_cast<const std::int32_t*>(packed);
  const auto* weights = reinterpret_cast<const std::int8_t*>(biases + lanes);
  const auto weight = [&](int kx, int v)
                          HWY_ATTR { return hn::LoadU(signed_bytes, weights + (4 * kx + v) * lanes); };
  WordsOf<D8> sums[4];
  for (int v = 0; v < 4; ++v) {
    sums[v] = dot(d8, hn::LoadU(words, biases + v * (lanes / 4)), left.parts[v], weight(0, v));
    sums[v] = dot(d8, sums[v], middle.parts[v], weight(1, v));
    sums[v] = dot(d8, sums[v], right.parts[v], weight(2, v));
    sums[v] = hn::ShiftRightSame(sums[v], operation.convolution.shift);
  }
  return join(d8, sums, operation.out_range.low, operation.out_range.high);
}

// The chunk's channels of all pixels of the tile. Neighbouring windows share columns: kStride 1 reads one for
// each pixel, 2 reads two, and 0, for any other stride, all three.
template <int kStride, class D8>
HWY_INLINE void depthwise_chunk(const Operation& operation, const Tile& tile, const ColumnReader<D8>& column,
                                const std::byte* packed, std::int8_t* out) {
  const hn::RebindToSigned<D8> signed_bytes;
  const int stride = operation.window.stride_w;
  int x = tile.x * stride - operation.window.pad_left;  // of the window's left column
  Column<D8> left{}, middle{}, right{};
  if constexpr (kStride == 1) middle = column(x), right = column(x + 1);
  if constexpr (kStride == 2) right = column(x);
  for (int i = 0; i < tile.pixels; ++i, x += stride, out += operation.out_step) {
    left = kStride == 1 ? middle : kStride == 2 ? right : column(x);
    middle = kStride == 1 ? right : column(x + 1);
    right = column(x + 2);
    hn::StoreU(depthwise_pixel<D8>(operation, left, middle, right, packed), signed_bytes, out);
  }
}

template <int kStride>
void run_depthwise_chunks(const Operation& operation, const Tile& tile) {
  const auto* packed = static_cast<const std::byte*>(operation.convolution.packed);
  auto* out = reinterpret_cast<std::int8_t*>(tile.out);
  for_each_chunk(operation.out_channels, [&](int first, int packed_channels, auto tag) HWY_ATTR {
    ColumnReader<decltype(tag)> column{{}, operation.in_width, operation.in_channels};
    for (int ky = 0; ky < kSide; ++ky)
      column.rows[ky] =
          tile.rows[ky] == nullptr ? nullptr : reinterpret_cast<const std::uint8_t*>(tile.rows[ky]) + first;
    depthwise_chunk<kStride>(operation, tile, column, packed + packed_channels * kChunkBytesPerChannel,
                             out + first);
  });
}

inline void run_depthwise(const Operation& operation, const Tile& tile) {
  switch (operation.window.stride_w) {
    case 1:
      return run_depthwise_chunks<1>(operation, tile);
    case 2:
      return run_depthwise_chunks<2>(operation, tile);
    default:
      return run_depthwise_chunks<0>(operation, tile);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
