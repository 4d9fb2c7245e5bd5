// Four-element dot products in SIMD, and how their sums become bytes. Included once per instruction set.
#if defined(MUDRA_DEVICE_HOST_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_DEVICE_HOST_DOT_INL_H_
#undef MUDRA_DEVICE_HOST_DOT_INL_H_
#else
#define MUDRA_DEVICE_HOST_DOT_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The largest register, as bytes and as int32; one half and one quarter as long.
using Bytes = hn::CappedTag<std::uint8_t, 64>;
using Words = hn::Repartition<std::int32_t, Bytes>;
constexpr int kBytes = static_cast<int>(hn::MaxLanes(Bytes()));
constexpr int kWords = static_cast<int>(hn::MaxLanes(Words()));

template <class D8>
using WordsOf = hn::Vec<hn::Repartition<std::int32_t, D8>>;
template <class D8>
using SignedOf = hn::Vec<hn::RebindToSigned<D8>>;

#if HWY_TARGET == HWY_AVX3_DL

constexpr bool kTakesAllBytes = true;

// Highway 1.0 has no name for the instruction, and its target lacks the feature the intrinsic would ask for.
template <class D8>
HWY_INLINE WordsOf<D8> dot(D8, WordsOf<D8> sum, hn::Vec<D8> x, SignedOf<D8> w) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "vm"(w.raw));
  return sum;
}

#else

constexpr bool kTakesAllBytes = false;

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4

// Two products are added in 16 bits, which hold them for x up to 128, then two of those sums in 32.
HWY_INLINE __m128i dot_raw(__m128i x, __m128i w) {
  return _mm_madd_epi16(_mm_maddubs_epi16(x, w), _mm_set1_epi16(1));
}
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE __m256i dot_raw(__m256i x, __m256i w) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1));
}
#endif
#if HWY_TARGET <= HWY_AVX3
HWY_INLINE __m512i dot_raw(__m512i x, __m512i w) {
  return _mm512_madd_epi16(_mm512_maddubs_epi16(x, w), _mm512_set1_epi16(1));
}
#endif

template <class D8>
HWY_INLINE WordsOf<D8> dot(D8, WordsOf<D8> sum, hn::Vec<D8> x, SignedOf<D8> w) {
  return hn::Add(sum, WordsOf<D8>{dot_raw(x.raw, w.raw)});
}

#else

// The same with what every instruction set has.
template <class D8>
HWY_INLINE WordsOf<D8> dot(D8, WordsOf<D8> sum, hn::Vec<D8> x, SignedOf<D8> w) {
  const hn::Repartition<std::int16_t, D8> halves;
  const auto both_x = hn::BitCast(halves, x), both_w = hn::BitCast(halves, w);
  const auto even_x = hn::And(both_x, hn::Set(halves, 0xFF)),
             odd_x = hn::And(hn::ShiftRight<8>(both_x), hn::Set(halves, 0xFF)),
             even_w = hn::ShiftRight<8>(hn::ShiftLeft<8>(both_w)), odd_w = hn::ShiftRight<8>(both_w);
  const auto pairs = hn::BitCast(hn::Repartition<std::int32_t, D8>(),
                                 hn::Add(hn::Mul(even_x, even_w), hn::Mul(odd_x, odd_w)));
  return hn::Add(sum, hn::Add(hn::ShiftRight<16>(hn::ShiftLeft<16>(pairs)), hn::ShiftRight<16>(pairs)));
}

#endif

#endif

// dot(sum, x, w)[i] = sum[i] + x[4i] * w[4i] + ... + x[4i + 3] * w[4i + 3]. Unless kTakesAllBytes, x is at
// most 128.

// Where the sum of channel c stands among the four registers that join() takes.
struct Place {
  int part, lane;
};
constexpr Place place_of(int c) { return {c % 16 / 4, c / 16 * 4 + c % 4}; }

// As many channels as D8 has bytes, from four registers of sums: clamped, and in the order of channels.
template <class D8>
HWY_INLINE SignedOf<D8> join(D8 d8, const WordsOf<D8>* sums, int low, int high) {
  alignas(16) static constexpr std::uint8_t kLower[16] = {0,   2,   4,   6,   8,   10,  12,  14,
                                                          128, 128, 128, 128, 128, 128, 128, 128};
  alignas(16) static constexpr std::uint8_t kUpper[16] = {128, 128, 128, 128, 128, 128, 128, 128,
                                                          0,   2,   4,   6,   8,   10,  12,  14};
  const hn::Repartition<std::int16_t, D8> d16;
  const auto least = hn::Set(d16, static_cast<std::int16_t>(low)),
             most = hn::Set(d16, static_cast<std::int16_t>(high));
  const auto lower = hn::Min(hn::Max(hn::ReorderDemote2To(d16, sums[0], sums[1]), least), most),
             upper = hn::Min(hn::Max(hn::ReorderDemote2To(d16, sums[2], sums[3]), least), most);
  return hn::BitCast(hn::RebindToSigned<D8>(),
                     hn::Or(hn::TableLookupBytesOr0(hn::BitCast(d8, lower), hn::LoadDup128(d8, kLower)),
                            hn::TableLookupBytesOr0(hn::BitCast(d8, upper), hn::LoadDup128(d8, kUpper))));
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
