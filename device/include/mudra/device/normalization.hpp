// What a network takes for a pixel: (value / 255 - mean) / deviation, by channel. Decimal numbers kept as
// integers, so that a chip without doubles and a PC round the same real number.
#pragma once

#include <cstdint>
#include <string_view>

namespace mudra::device {

// Metadata with this key is "MEAN/DEVIATION"; without it pixels are value / 255.
inline constexpr std::string_view kNormalizationKey = "normalization";

struct Normalization {
  static constexpr std::int64_t kUnit = 1'000'000'000;  // 1
  // In units of 1 / kUnit: what fits the rule's 64 bits at any exponent that inputs may have.
  static constexpr std::int64_t kMostMean = 10 * kUnit;
  static constexpr std::int64_t kLeastDeviation = kUnit / 1000, kMostDeviation = 10 * kUnit;

  int channels = 1;  // 1: the numbers are the same for every channel; 3: red, green, blue
  std::int64_t mean[3] = {0, 0, 0};
  std::int64_t deviation[3] = {kUnit, kUnit, kUnit};

  // What pixel value p becomes in channel c is numerator(p, c) / denominator(c), exactly.
  constexpr std::int64_t numerator(int p, int c) const { return p * kUnit - 255 * mean[c]; }
  constexpr std::int64_t denominator(int c) const { return 255 * deviation[c]; }

  // Whether it suits pictures of 1 or 3 channels.
  constexpr bool suits(int picture_channels) const { return channels == 1 || channels == picture_channels; }
  friend constexpr bool operator==(const Normalization&, const Normalization&) = default;
};

// "0.5/0.25" or with a number per channel, "0.485,0.456,0.406/0.229,0.224,0.225": decimals, rounded to nine
// digits behind the point. False, and `normalization` as it was, for any other text, means beyond [-10, 10]
// and deviations beyond [0.001, 10].
bool read_normalization(std::string_view text, Normalization& normalization);

}  // namespace mudra::device
