// The chip's integer arithmetic: every rounding, shift and saturation, defined once for the engine on the
// chip, the simulator and the quantizer.
//
// A tensor's real value is integer * 2^exponent; it is int8 or int16 with one exponent and no zero point.
// What is here was confirmed by recorded runs of an ESP32-S3 unless a comment says otherwise.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

namespace mudra::device {

// The widths a tensor may have.
template <typename T>
concept TensorInteger = std::same_as<T, std::int8_t> || std::same_as<T, std::int16_t>;

// `value` in a signed number of `bits`, at its limits beyond them.
template <std::signed_integral Wide>
constexpr Wide saturate_bits(Wide value, int bits) {
  const Wide most = static_cast<Wide>((Wide{1} << (bits - 1)) - 1), least = static_cast<Wide>(-most - 1);
  return value < least ? least : value > most ? most : value;
}

template <TensorInteger Integer, std::signed_integral Wide>
constexpr Integer saturate(Wide value) {
  static_assert(sizeof(Wide) > sizeof(Integer));
  constexpr Wide kLeast = std::numeric_limits<Integer>::min(), kMost = std::numeric_limits<Integer>::max();
  return static_cast<Integer>(value < kLeast ? kLeast : value > kMost ? kMost : value);
}

// The low `bits` of `value` as a signed number: what a register of that width keeps of it.
constexpr std::int64_t wrap_bits(std::int64_t value, int bits) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << (64 - bits)) >> (64 - bits);
}

// floor(value / 2^shift + 1/2): ties go up, also the negative ones. 0 <= shift < the width of Wide.
template <std::signed_integral Wide>
constexpr Wide round_shift(Wide value, int shift) {
  if (shift == 0) return value;
  return static_cast<Wide>((value >> shift) + ((value >> (shift - 1)) & 1));
}

// A tensor's value at an exponent that is `shift` larger: exact to the left where it fits, rounded half up to
// the right. RequantizeLinear, and every other change of width or exponent. -2^15 <= value < 2^15; any shift.
template <TensorInteger Integer>
constexpr Integer convert(std::int32_t value, int shift) {
  // Beyond these every value is 0 to the right; to the left it is 0 or saturated.
  constexpr int kFarRight = 31, kFarLeft = 16;
  if (shift >= 0) return saturate<Integer>(round_shift(value, shift < kFarRight ? shift : kFarRight));
  return saturate<Integer>(value * (std::int32_t{1} << (-shift < kFarLeft ? -shift : kFarLeft)));
}

// How the vector unit sums products of two tensors of this width: several output channels at once, each in a
// lane of the register QACC; the channels that fill no whole group go one by one through the register ACCX.
// Both saturate after every product. A lane's bias is its low kLaneBits, without saturation. (Read in the
// instruction list and the kernels; no recorded run saturates.)
template <TensorInteger Integer>
struct Accumulators {
  static constexpr int kLanes = sizeof(Integer) == 1 ? 16 : 8;
  static constexpr int kLaneBits = sizeof(Integer) == 1 ? 20 : 40;
  static constexpr int kSingleBits = 40;

  // Of `channels` output channels of a convolution or a fully connected layer, how many are summed in lanes:
  // the first ones. Of a depthwise convolution all are.
  static constexpr int lane_channels(int channels) { return channels / kLanes * kLanes; }
};

// One product more in an accumulator of `bits`.
constexpr std::int64_t accumulate(std::int64_t accumulator, std::int32_t product, int bits) {
  return saturate_bits(accumulator + product, bits);
}

// The output of a convolution: `shift` = output exponent - weight exponent - input exponent, 0 to kMaxShift.
// The kernels for a negative shift read an unset pointer, so that such a model is refused.
inline constexpr int kMaxShift = 31;

template <TensorInteger Integer, std::signed_integral Wide>
constexpr Integer requantize(Wide accumulator, int shift) {
  return saturate<Integer>(round_shift(accumulator, shift));
}

template <TensorInteger Integer>
constexpr Integer relu(Integer value) {
  return value < 0 ? Integer{0} : value;
}

// The bounds are integers at the tensor's exponent.
template <TensorInteger Integer>
constexpr Integer clip(Integer value, Integer low, Integer high) {
  const Integer raised = value < low ? low : value;
  return raised > high ? high : raised;
}

// Of tensors with one exponent, as the result's.
template <TensorInteger Integer>
constexpr Integer add(Integer a, Integer b) {
  return saturate<Integer>(std::int32_t{a} + std::int32_t{b});
}

// `value` as a float holds it: its 24 leading bits, rounded half to even.
constexpr std::int64_t round_to_float(std::int64_t value) {
  constexpr int kMantissaBits = 24;
  const std::uint64_t magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const int dropped = std::bit_width(magnitude) - kMantissaBits;
  if (dropped <= 0) return value;
  const auto kept = static_cast<std::uint32_t>(magnitude >> (dropped - 1));  // half of the last bit with it
  std::uint32_t rounded = kept >> 1;
  if ((kept & 1) != 0 && ((rounded & 1) != 0 || std::uint64_t{kept} << (dropped - 1) != magnitude)) ++rounded;
  const auto result = static_cast<std::int64_t>(std::uint64_t{rounded} << dropped);
  return value < 0 ? -result : result;
}

// 1 / area as a float holds it: mantissa / 2^shift.
struct Reciprocal {
  std::int32_t mantissa = 0;  // 2^23 to 2^24
  int shift = 0;
};

inline constexpr std::int32_t kMaxPoolArea = 1 << 16;

// 1 <= area <= kMaxPoolArea.
constexpr Reciprocal reciprocal(std::int32_t area) {
  constexpr int kFraction = 23;
  const int bits = std::bit_width(static_cast<std::uint32_t>(area - 1));
  // 2^(bits + kFraction) / area, whose first digit is 1. By hand: not every Xtensa divides.
  std::int32_t floor = 1, rest = (std::int32_t{1} << bits) - area;
  for (int i = 0; i < kFraction; ++i) {
    floor *= 2;
    rest *= 2;
    if (rest < area) continue;
    rest -= area;
    ++floor;
  }
  const bool up = 2 * rest > area || (2 * rest == area && (floor & 1) != 0);
  return {floor + (up ? 1 : 0), bits + kFraction};
}

// The average of pooled values at an exponent that is `shift` larger than theirs, by 20 at most either way.
// The chip computes in float: floor(float(sum) * float(1 / area) / 2^shift + 0.5f); this gives its result in
// integers. Where 1 / area is nearly a float, as for 36, 144 and 576, it is the exact quotient rounded half
// up.
inline constexpr int kMaxAverageShift = 20;
// float_sum: a float holds it, as it does any of up to 24 bits.
template <TensorInteger Integer>
constexpr Integer average_of_float(std::int64_t float_sum, Reciprocal area, int shift) {
  const int point = area.shift + shift;  // bits behind it, 3 to 59
  const std::int64_t quotient = round_to_float(float_sum * area.mantissa);
  const std::int64_t with_half = round_to_float(quotient + (std::int64_t{1} << (point - 1)));
  return saturate<Integer>(with_half >> point);
}
template <TensorInteger Integer>
constexpr Integer average(std::int64_t sum, Reciprocal area, int shift) {
  return average_of_float<Integer>(round_to_float(sum), area, shift);
}

}  // namespace mudra::device
