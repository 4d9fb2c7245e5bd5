// Additions and averages of int8 tensors. Included once per instruction set.
#if defined(MUDRA_DEVICE_HOST_ELEMENTWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef MUDRA_DEVICE_HOST_ELEMENTWISE_INL_H_
#undef MUDRA_DEVICE_HOST_ELEMENTWISE_INL_H_
#else
#define MUDRA_DEVICE_HOST_ELEMENTWISE_INL_H_
#endif

#include "device/host/dot-inl.h"

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace mudra::device {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kMostAddShift = 8;  // so that what rounding adds fits 16 bits

inline bool fits_add(const Operation& operation) {
  return operation.in == Width::kInt8 && operation.second_width == Width::kInt8 &&
         operation.second == Operation::Second::kMap && operation.out_step == operation.out_channels &&
         operation.shift >= 0 && operation.shift <= kMostAddShift;
}

inline void run_add(const Operation& operation, const Tile& tile) {
  const hn::CappedTag<std::int16_t, 32> halves;
  const hn::Rebind<std::int8_t, decltype(halves)> bytes;
  const auto* in = reinterpret_cast<const std::int8_t*>(tile.rows[0]) + tile.x * operation.out_channels;
  const auto* second = reinterpret_cast<const std::int8_t*>(tile.second);
  auto* out = reinterpret_cast<std::int8_t*>(tile.out);
  const int count = tile.pixels * operation.out_channels, lanes = static_cast<int>(hn::Lanes(halves));
  const auto half =
      hn::Set(halves, static_cast<std::int16_t>(operation.shift == 0 ? 0 : 1 << (operation.shift - 1)));
  int i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto converted = hn::ShiftRightSame(
        hn::Add(hn::PromoteTo(halves, hn::LoadU(bytes, second + i)), half), operation.shift);
    const auto sum = hn::Add(hn::PromoteTo(halves, hn::LoadU(bytes, in + i)), converted);
    hn::StoreU(hn::DemoteTo(bytes, sum), bytes, out + i);
  }
  for (; i < count; ++i) out[i] = add(in[i], convert<std::int8_t>(second[i], operation.shift));
}

// Over a whole row of the picture or more, where one output pixel takes every input pixel.
inline bool fits_average(const Operation& operation) {
  return operation.in == Width::kInt8 && operation.in_channels % kWords == 0 && operation.out_width == 1 &&
         operation.window.pad_left == 0 && operation.window.kernel_w == operation.in_width;
}

inline void run_average(const Operation& operation, const Tile& tile) {
  if (tile.step != Tile::Step::kTake) return portable_kernels().choose(operation)(operation, tile);
  const Words words;
  const hn::Rebind<std::int8_t, Words> bytes;
  const int channels = operation.in_channels;
  const auto* in = reinterpret_cast<const std::int8_t*>(tile.rows[0]);
  auto* sums = reinterpret_cast<std::int32_t*>(tile.sums);
  for (int c = 0; c < channels; c += kWords) {
    auto sum = hn::LoadU(words, sums + c);
    for (int i = 0; i < tile.pixels; ++i)
      sum = hn::Add(sum, hn::PromoteTo(words, hn::LoadU(bytes, in + i * channels + c)));
    hn::StoreU(sum, words, sums + c);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace mudra::device
HWY_AFTER_NAMESPACE();

#endif
