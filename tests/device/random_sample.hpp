// Small operations of every kind and shape that the vector kernels meet, from bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "mudra/device/s3/self_check.hpp"

namespace mudra::device::s3 {

// Reads as zeros what is missing.
inline Sample random_sample(std::span<const std::uint8_t> bytes) {
  using Kind = Operation::Kind;
  const auto next = [&bytes](int count) {
    if (bytes.empty()) return 0;
    const int value = bytes.front() % count;
    bytes = bytes.subspan(1);
    return value;
  };
  const auto small = [](int value) { return static_cast<std::uint8_t>(value); };
  constexpr Kind kKinds[] = {Kind::kConvolution, Kind::kConvolution, Kind::kConvolution, Kind::kConvolution,
                             Kind::kAdd,         Kind::kClamp,       Kind::kConvert,     Kind::kAveragePool};
  constexpr int kSides[] = {1, 1, 3, 3, 2, 5, 7}, kManyChannels[] = {1, 3, 8, 16, 24, 32, 48, 64};
  Sample sample;
  sample.kind = kKinds[next(8)];
  sample.width = next(4) == 3 ? Width::kInt16 : Width::kInt8;
  sample.depthwise = next(2) == 1;
  sample.saturates = next(5) == 4;
  sample.side = small(kSides[next(7)]);
  sample.stride = small(1 + next(3));
  sample.pad = small(next(sample.side));
  const int width = next(16) == 15 ? 32 : 1 + next(21);
  sample.in_width = small(std::max<int>(width, sample.side));
  sample.in_channels = small(next(3) == 0 ? 1 + next(70) : kManyChannels[next(8)]);
  sample.out_channels = small(next(3) == 0 ? 1 + next(70) : kManyChannels[next(8)]);
  if (sample.depthwise || sample.kind != Kind::kConvolution) sample.out_channels = sample.in_channels;
  if (is_elementwise(sample.kind)) sample.side = sample.stride = 1, sample.pad = 0;
  if (sample.kind == Kind::kAveragePool) sample.stride = sample.in_width = sample.side, sample.pad = 0;
  const bool is_int8 = sample.width == Width::kInt8;
  const int shift = sample.kind == Kind::kConvolution ? next(is_int8 ? 20 : 30) : next(25) - 8;
  sample.shift = static_cast<std::int8_t>(shift);
  sample.in_range = sample.out_range = range_of(sample.width);
  if (!is_int8) return sample;
  // As between kernels that shift what lies between them.
  if (next(2) == 1) {
    const int high = 40 + next(88);
    sample.out_range = {static_cast<std::int16_t>(next(2) == 1 ? 0 : -next(60)),
                        static_cast<std::int16_t>(high)};
    if (sample.kind == Kind::kConvolution) sample.out_zero = static_cast<std::int8_t>(127 - high);
  }
  if (sample.kind == Kind::kConvolution && next(2) == 1) {
    const int high = 40 + next(88);
    sample.in_range = {0, static_cast<std::int16_t>(high)};
    sample.in_zero = static_cast<std::int8_t>(127 - high);
  }
  return sample;
}

}  // namespace mudra::device::s3
