// From a network's integer scores to probabilities, in integers: the same on the chip and on the PC, without
// a mathematics library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mudra/device/operation.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

inline constexpr int kMaxClasses = 64;

// A probability in units of 2^-30.
using Probability = std::uint32_t;
inline constexpr Probability kCertain = Probability{1} << 30;

// In hundredths of a percent, rounded half up: 9804 is 98.04 %.
constexpr int hundredths_of_percent(Probability probability) {
  return static_cast<int>((std::uint64_t{probability} * 10000 + kCertain / 2) / kCertain);
}

// The nearest probability to `hundredths` of a percent, 0 to 10000.
constexpr Probability probability_of(int hundredths) {
  return static_cast<Probability>((static_cast<std::uint64_t>(hundredths) * kCertain + 5000) / 10000);
}

// The integer of class `i` among scores as they lie in memory, aligned to their width.
inline std::int32_t score_of(std::span<const std::byte> scores, Width width, int i) {
  return width == Width::kInt8 ? std::int32_t{reinterpret_cast<const std::int8_t*>(scores.data())[i]}
                               : std::int32_t{reinterpret_cast<const std::int16_t*>(scores.data())[i]};
}

// Softmax of one score per class, value = integer * 2^exponent: exp(score) over the sum of all, within 2^-25
// of the exact value. `out` has as many elements as there are scores, 1 to kMaxClasses; kBadSize for other
// counts.
Status probabilities(std::span<const std::byte> scores, Width width, int exponent,
                     std::span<Probability> out);

}  // namespace mudra::device
