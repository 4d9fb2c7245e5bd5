#include "mudra/quant/kernels/sweeps.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "mudra/graph/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mudra/quant/kernels/sweeps.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mudra::quant::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kPeriod>;
using IntTag = hn::RebindToSigned<Tag>;
using Vec = hn::Vec<Tag>;
constexpr std::size_t kVec = hn::MaxLanes(Tag());
constexpr std::size_t kSums = 8;
static_assert(kPeriod % kVec == 0 && kPeriod % kSums == 0 && kVec <= kSlack);

// Calls take(vector, where it begins) for whole vectors, and at last for one filled up with zeros, if any.
// Returns how many zeros.
template <class Take>
HWY_INLINE std::size_t for_each_vector(std::span<const float> values, Take take) {
  std::size_t i = 0;
  for (; i + kVec <= values.size(); i += kVec) take(hn::LoadU(Tag(), values.data() + i), i);
  if (i == values.size()) return 0;
  std::array<float, kVec> rest{};
  std::copy(values.begin() + static_cast<std::ptrdiff_t>(i), values.end(), rest.begin());
  take(hn::LoadU(Tag(), rest.data()), i);
  return i + kVec - values.size();
}

#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3
// Highway's Compress copies its table to the stack for every vector where there is no instruction for it.
using Order = std::array<std::uint8_t, kVec>;  // which lanes come first
constexpr auto kOrders = [] {
  std::array<Order, std::size_t{1} << kVec> orders{};
  for (std::size_t mask = 0; mask < orders.size(); ++mask)
    for (std::size_t lane = 0, next = 0; lane < kVec; ++lane)
      if ((mask >> lane & 1) != 0) orders[mask][next++] = static_cast<std::uint8_t>(lane);
  return orders;
}();

HWY_INLINE hn::Vec<IntTag> compressed(hn::Vec<IntTag> places, hn::Mask<IntTag> mask) {
  std::uint8_t bits = 0;
  hn::StoreMaskBits(IntTag(), mask, &bits);
  const auto order = hn::LoadU(hn::Rebind<std::uint8_t, IntTag>(), kOrders[bits].data());
  return hn::TableLookupLanes(places, hn::IndicesFromVec(IntTag(), hn::PromoteTo(IntTag(), order)));
}
#else
HWY_INLINE hn::Vec<IntTag> compressed(hn::Vec<IntTag> places, hn::Mask<IntTag> mask) {
  return hn::Compress(places, mask);
}
#endif

Sorted sort_into_bins(std::span<const float> values, const Bins& bins, std::int32_t* places) {
  const Vec scale = hn::Set(Tag(), bins.scale), last = hn::Set(Tag(), static_cast<float>(bins.last));
  const auto first_place = hn::Zero(IntTag()), last_place = hn::Set(IntTag(), bins.last);
  Sorted sorted;
  const std::size_t filled = for_each_vector(values, [&](Vec value, std::size_t) {
    const auto place = hn::ConvertTo(IntTag(), hn::Min(hn::Mul(hn::Abs(value), scale), last));
    const auto above = hn::Gt(place, first_place);
    const auto between = hn::And(above, hn::Lt(place, last_place));
    hn::StoreU(compressed(place, between), IntTag(), places + sorted.listed);
    sorted.listed += hn::CountTrue(IntTag(), between);
    sorted.first += kVec - hn::CountTrue(IntTag(), above);
  });
  sorted.first -= filled;
  sorted.last = values.size() - sorted.first - sorted.listed;
  return sorted;
}

LowHigh low_high(std::span<const float> values) {
  const Vec zero = hn::Zero(Tag());
  Vec low = zero, high = zero, zeros = zero;  // the last holds NaN once a value was not finite
  for_each_vector(values, [&](Vec value, std::size_t) {
    low = hn::Min(low, value);
    high = hn::Max(high, value);
    zeros = hn::MulAdd(value, zero, zeros);
  });
  if (!hn::AllTrue(Tag(), hn::Eq(zeros, zeros))) return {-INFINITY, INFINITY};
  return {hn::GetLane(hn::MinOfLanes(Tag(), low)), hn::GetLane(hn::MaxOfLanes(Tag(), high))};
}

Extent extent(std::span<const float> values, std::span<const float> factors, float most) {
  const Vec above = hn::Set(Tag(), most + 1), below = hn::Set(Tag(), -most - 1.5f);
  Vec largest = hn::Zero(Tag());
  std::size_t cut = 0, next = 0;
  for_each_vector(values, [&](Vec value, std::size_t) {
    const Vec integer = hn::Mul(value, hn::LoadU(Tag(), factors.data() + next));
    next = next + kVec < factors.size() ? next + kVec : 0;
    largest = hn::Max(largest, hn::Abs(integer));
    cut += hn::CountTrue(Tag(), hn::Or(hn::Ge(integer, above), hn::Lt(integer, below)));
  });
  return {hn::GetLane(hn::MaxOfLanes(Tag(), largest)), cut};
}

// Eight sums, whatever the width of vectors, and no fused multiply-adds.
Noise noise(std::span<const float> expected, std::span<const float> found, std::span<const float> factors) {
  using Doubles = hn::CappedTag<double, kSums>;
  using Floats = hn::Rebind<float, Doubles>;
  constexpr std::size_t kWide = hn::MaxLanes(Doubles());
  const auto load = [](const float* from) { return hn::PromoteTo(Doubles(), hn::LoadU(Floats(), from)); };
  hn::Vec<Doubles> noise[kSums / kWide], signal[kSums / kWide];
  for (std::size_t k = 0; k < kSums / kWide; ++k) noise[k] = signal[k] = hn::Zero(Doubles());
  const auto add = [&](const float* wanted, const float* got, const float* factor) {
    for (std::size_t k = 0; k < kSums / kWide; ++k) {
      const auto goal = load(wanted + k * kWide);
      const auto difference = hn::Sub(hn::Mul(load(got + k * kWide), load(factor + k * kWide)), goal);
      noise[k] = hn::Add(noise[k], hn::Mul(difference, difference));
      signal[k] = hn::Add(signal[k], hn::Mul(goal, goal));
    }
  };
  std::size_t i = 0, next = 0;
  for (; i + kSums <= expected.size(); i += kSums) {
    add(expected.data() + i, found.data() + i, factors.data() + next);
    next = next + kSums < factors.size() ? next + kSums : 0;
  }
  std::array<float, kSums> wanted{}, got{};
  std::copy(expected.begin() + static_cast<std::ptrdiff_t>(i), expected.end(), wanted.begin());
  std::copy(found.begin() + static_cast<std::ptrdiff_t>(i), found.end(), got.begin());
  add(wanted.data(), got.data(), factors.data() + next);
  std::array<double, kSums> noises, signals;
  for (std::size_t k = 0; k < kSums / kWide; ++k) {
    hn::StoreU(noise[k], Doubles(), noises.data() + k * kWide);
    hn::StoreU(signal[k], Doubles(), signals.data() + k * kWide);
  }
  return {std::accumulate(noises.begin(), noises.end(), 0.0),
          std::accumulate(signals.begin(), signals.end(), 0.0)};
}

void bound(std::span<const float> values, float low, float high, const std::optional<Rounding>& rounding,
           float* out) {
  const auto sweep = [&](auto finish) {
    const Vec least = hn::Set(Tag(), low), most = hn::Set(Tag(), high);
    for_each_vector(values, [&](Vec value, std::size_t i) {
      const Vec result = finish(hn::Min(hn::Max(value, least), most));
      if (i + kVec <= values.size()) return hn::StoreU(result, Tag(), out + i);
      std::array<float, kVec> rest;
      hn::StoreU(result, Tag(), rest.data());
      std::copy_n(rest.begin(), values.size() - i, out + i);
    });
  };
  if (!rounding) return sweep([](Vec value) { return value; });
  const Vec up = hn::Set(Tag(), rounding->up), step = hn::Set(Tag(), rounding->step);
  const Vec half = hn::Set(Tag(), 0.5f), most = hn::Set(Tag(), rounding->most);
  const Vec least = hn::Set(Tag(), -rounding->most - 1);
  sweep([=](Vec value) {
    const Vec steps = hn::Min(hn::Add(hn::Mul(value, up), half), most);
    return hn::Mul(hn::Floor(hn::Max(steps, least)), step);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::quant::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mudra::quant::kernels {

HWY_EXPORT(sort_into_bins);
HWY_EXPORT(low_high);
HWY_EXPORT(extent);
HWY_EXPORT(noise);
HWY_EXPORT(bound);

std::vector<float> repeated(const std::vector<float>& factors) {
  std::vector<float> result(std::lcm(factors.size(), kPeriod));
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = factors[i % factors.size()];
  return result;
}

Sorted sort_into_bins(std::span<const float> values, const Bins& bins, std::int32_t* places) {
  return HWY_DYNAMIC_DISPATCH(sort_into_bins)(values, bins, places);
}
LowHigh low_high(std::span<const float> values) { return HWY_DYNAMIC_DISPATCH(low_high)(values); }
Extent extent(std::span<const float> values, std::span<const float> factors, float most) {
  return HWY_DYNAMIC_DISPATCH(extent)(values, factors, most);
}
Noise noise(std::span<const float> expected, std::span<const float> found, std::span<const float> factors) {
  return HWY_DYNAMIC_DISPATCH(noise)(expected, found, factors);
}
void bound(std::span<const float> values, float low, float high, const std::optional<Rounding>& rounding,
           float* out) {
  HWY_DYNAMIC_DISPATCH(bound)(values, low, high, rounding, out);
}

}  // namespace mudra::quant::kernels
#endif
