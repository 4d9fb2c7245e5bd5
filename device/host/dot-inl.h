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
using HalvesOf = hn::Vec<hn::Repartition<std::int16_t, D8>>;
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

// products(x, w)[i] = x[2i] * w[2i] + x[2i + 1] * w[2i + 1], which has to fit 16 bits: it does for x up to
// 128. add_neighbours(sum, halves)[i] = sum[i] + halves[2i] + halves[2i + 1].
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4

HWY_INLINE __m128i products_raw(__m128i x, __m128i w) { return _mm_maddubs_epi16(x, w); }
HWY_INLINE __m128i neighbours_raw(__m128i halves) { return _mm_madd_epi16(halves, _mm_set1_epi16(1)); }
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE __m256i products_raw(__m256i x, __m256i w) { return _mm256_maddubs_epi16(x, w); }
HWY_INLINE __m256i neighbours_raw(__m256i halves) { return _mm256_madd_epi16(halves, _mm256_set1_epi16(1)); }
#endif
#if HWY_TARGET <= HWY_AVX3
HWY_INLINE __m512i products_raw(__m512i x, __m512i w) { return _mm512_maddubs_epi16(x, w); }
HWY_INLINE __m512i neighbours_raw(__m512i halves) { return _mm512_madd_epi16(halves, _mm512_set1_epi16(1)); }
#endif

template <class D8>
HWY_INLINE HalvesOf<D8> products(D8, hn::Vec<D8> x, SignedOf<D8> w) {
  return HalvesOf<D8>{products_raw(x.raw, w.raw)};
}
template <class D8>
HWY_INLINE WordsOf<D8> add_neighbours(D8, WordsOf<D8> sum, HalvesOf<D8> halves) {
  return hn::Add(sum, WordsOf<D8>{neighbours_raw(halves.raw)});
}

#else

// The same with what every instruction set has.
template <class D8>
HWY_INLINE HalvesOf<D8> products(D8, hn::Vec<D8> x, SignedOf<D8> w) {
  const hn::Repartition<std::int16_t, D8> halves;
  const auto both_x = hn::BitCast(halves, x), both_w = hn::BitCast(halves, w);
  const auto even_x = hn::And(both_x, hn::Set(halves, 0xFF)),
             odd_x = hn::And(hn::ShiftRight<8>(both_x), hn::Set(halves, 0xFF)),
             even_w = hn::ShiftRight<8>(hn::ShiftLeft<8>(both_w)), odd_w = hn::ShiftRight<8>(both_w);
  return hn::Add(hn::Mul(even_x, even_w), hn::Mul(odd_x, odd_w));
}
template <class D8>
HWY_INLINE WordsOf<D8> add_neighbours(D8, WordsOf<D8> sum, HalvesOf<D8> halves) {
  const auto pairs = hn::BitCast(hn::Repartition<std::int32_t, D8>(), halves);
  return hn::Add(sum, hn::Add(hn::ShiftRight<16>(hn::ShiftLeft<16>(pairs)), hn::ShiftRight<16>(pairs)));
}

#endif

template <class D8>
HWY_INLINE WordsOf<D8> dot(D8 d8, WordsOf<D8> sum, hn::Vec<D8> x, SignedOf<D8> w) {
  return add_neighbours(d8, sum, products(d8, x, w));
}

#endif

// dot(sum, x, w)[i] = sum[i] + x[4i] * w[4i] + ... + x[4i + 3] * w[4i + 3]. Unless kTakesAllBytes,
// neighbouring products have to fit 16 bits.

// Where the sum of channel c stands among the four registers that join() takes.
struct Place {
  int part, lane;
};
constexpr Place place_of(int c) { return {c % 16 / 4, c / 16 * 4 + c % 4}; }

// Saturates: of every 16 bytes eight come from `lower`, eight from `upper`.
#if HWY_TARGET <= HWY_SSE4
HWY_INLINE __m128i demote_raw(__m128i lower, __m128i upper) { return _mm_packs_epi16(lower, upper); }
#if HWY_TARGET <= HWY_AVX2
HWY_INLINE __m256i demote_raw(__m256i lower, __m256i upper) { return _mm256_packs_epi16(lower, upper); }
#endif
#if HWY_TARGET <= HWY_AVX3
HWY_INLINE __m512i demote_raw(__m512i lower, __m512i upper) { return _mm512_packs_epi16(lower, upper); }
#endif

template <class D8>
HWY_INLINE SignedOf<D8> demote(D8, HalvesOf<D8> lower, HalvesOf<D8> upper) {
  return SignedOf<D8>{demote_raw(lower.raw, upper.raw)};
}

#else

template <class D8>
HWY_INLINE SignedOf<D8> demote(D8 d8, HalvesOf<D8> lower, HalvesOf<D8> upper) {
  alignas(16) static constexpr std::uint8_t kLower[16] = {0,   2,   4,   6,   8,   10,  12,  14,
                                                          128, 128, 128, 128, 128, 128, 128, 128};
  alignas(16) static constexpr std::uint8_t kUpper[16] = {128, 128, 128, 128, 128, 128, 128, 128,
                                                          0,   2,   4,   6,   8,   10,  12,  14};
  const hn::Repartition<std::int16_t, D8> d16;
  const auto saturated = [&](HalvesOf<D8> halves) HWY_ATTR {
    return hn::BitCast(d8, hn::Min(hn::Max(halves, hn::Set(d16, -128)), hn::Set(d16, 127)));
  };
  return hn::BitCast(hn::RebindToSigned<D8>(),
                     hn::Or(hn::TableLookupBytesOr0(saturated(lower), hn::LoadDup128(d8, kLower)),
                            hn::TableLookupBytesOr0(saturated(upper), hn::LoadDup128(d8, kUpper))));
}

#endif

// As many channels as D8 has bytes, from four registers of sums: clamped, and in the order of channels.
template <class D8>
HWY_INLINE SignedOf<D8> join(D8 d8, const WordsOf<D8>* sums, int low, int high) {
  const hn::RebindToSigned<D8> signed_bytes;
  const auto least = hn::Set(signed_bytes, static_cast<std::int8_t>(low)),
             most = hn::Set(signed_bytes, static_cast<std::int8_t>(high));
  const hn::Repartition<std::int16_t, D8> d16;
  const auto bytes =
      demote(d8, hn::ReorderDemote2To(d16, sums[0], sums[1]), hn::ReorderDemote2To(d16, sums[2], sums[3]));
  return hn::Min(hn::Max(bytes, least), most);
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
