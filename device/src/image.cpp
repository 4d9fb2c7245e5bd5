#include "mudra/device/image.hpp"

#include <algorithm>
#include <limits>

namespace mudra::device {
namespace {

constexpr int kWeightBits = 11;
constexpr std::uint32_t kOne = 1 << kWeightBits;

// value / 2^bits, ties to the even neighbour.
constexpr std::uint32_t round_half_even(std::uint32_t value, int bits) {
  const std::uint32_t floor = value >> bits, rest = value & ((1u << bits) - 1), half = 1u << bits >> 1;
  return floor + (bits > 0 && (rest > half || (rest == half && (floor & 1) != 0)) ? 1 : 0);
}

// `fraction` / 2^fraction_bits as a weight of kOne.
constexpr std::uint16_t to_weight(std::uint32_t fraction, int fraction_bits) {
  return static_cast<std::uint16_t>(fraction_bits < kWeightBits
                                        ? fraction << (kWeightBits - fraction_bits)
                                        : round_half_even(fraction, fraction_bits - kWeightBits));
}

// Bits behind the point of a float of this integer part. Below 2048 a float has more than 13, but the exact
// weight (a multiple of 1/3 of 1/2048) is at least 1/6 away from a tie, so that 13 bits round the same way.
constexpr int fraction_bits_of(std::uint32_t integer_part) {
  int bits = 13;
  for (std::uint32_t limit = 2048; integer_part >= limit; limit *= 2) --bits;
  return bits;
}

}  // namespace

Tap tap(int i, int size) {
  // The position (i + 1/2) * size / 96 - 1/2 as a fraction of 192.
  std::int32_t position = (2 * i + 1) * size - kSide;
  int before = 0;
  if (position < 0) {
    before = -1;
    position += 2 * kSide;
  }
  const auto numerator = static_cast<std::uint32_t>(position);
  const int bits = fraction_bits_of(numerator / (2 * kSide));
  // numerator * 2^bits / 192 to the nearest: at most 2^27 in the numerator; a third is never a tie.
  const std::uint32_t rounded = ((numerator << (bits - 5)) + 3) / 6;
  const std::uint32_t fraction = rounded & ((1u << bits) - 1);
  return {before + static_cast<int>(rounded >> bits), to_weight(fraction, bits)};
}

Status Resizer::begin(const ImageFormat& format, std::span<std::uint8_t, kPixels> out) {
  next_out_ = kSide;  // a refused picture takes no rows
  format_ = {};
  next_row_ = 0;
  const bool fits = format.width >= 1 && format.width <= kMaxImageSide && format.height >= 1 &&
                    format.height <= kMaxImageSide;
  if (!fits) return Status::kBadSize;
  format_ = format;
  out_ = out.data();
  next_out_ = 0;
  averages_ = format.width == 2 * kSide && format.height == 2 * kSide;
  for (int i = 0; i < kSide; ++i) {
    const Tap at = tap(i, format.width);
    const bool beyond = at.first < 0 || at.first >= format.width - 1;
    const int left = std::clamp(at.first, 0, format.width - 1);
    columns_[i].left_byte = static_cast<std::uint16_t>(left * bytes_per_pixel(format.pixels));
    columns_[i].right_weight = beyond ? 0 : at.second_weight;
  }
  return Status::kOk;
}

Status Resizer::push_row(const std::uint8_t* row) {
  if (next_row_ >= format_.height) return Status::kTooManyRows;
  const int y = next_row_++;
  if (averages_) {
    average_row(row);
    return Status::kOk;
  }
  const int last = format_.height - 1;
  bool sampled = false;
  while (!done()) {
    const Tap at = tap(next_out_, format_.height);
    const int upper = std::clamp(at.first, 0, last), lower = std::clamp(at.first + 1, 0, last);
    if (y < upper) break;
    if (!sampled) sample_row(row, lines_[y % 2]);
    sampled = true;
    if (y < lower) break;
    // Beyond a border both are one row; its two products are still rounded each by itself.
    blend_rows(lines_[upper % 2], lines_[lower % 2], at.second_weight);
  }
  return Status::kOk;
}

std::uint8_t Resizer::gray_at(const std::uint8_t* pixel) const {
  return format_.pixels == PixelFormat::kGray8 ? pixel[0] : gray_of(pixel[0], pixel[1], pixel[2]);
}

void Resizer::average_row(const std::uint8_t* row) {
  const int step = bytes_per_pixel(format_.pixels);
  const bool upper = next_row_ % 2 == 1;
  for (int x = 0; x < kSide; ++x) {
    const std::uint8_t* pixel = row + 2 * x * step;
    const int sum = gray_at(pixel) + gray_at(pixel + step);
    if (upper)
      lines_[0][x] = static_cast<std::uint16_t>(sum);
    else
      out_[next_out_ * kSide + x] = static_cast<std::uint8_t>((lines_[0][x] + sum + 2) >> 2);
  }
  if (!upper) ++next_out_;
}

void Resizer::sample_row(const std::uint8_t* row, std::uint16_t* line) const {
  const int step = bytes_per_pixel(format_.pixels);
  for (int x = 0; x < kSide; ++x) {
    const Column column = columns_[x];
    const std::uint8_t* pixel = row + column.left_byte;
    std::uint32_t sum = gray_at(pixel) * (kOne - column.right_weight);
    if (column.right_weight != 0) sum += std::uint32_t{gray_at(pixel + step)} * column.right_weight;
    line[x] = static_cast<std::uint16_t>(sum >> 4);
  }
}

void Resizer::blend_rows(const std::uint16_t* upper, const std::uint16_t* lower, std::uint32_t lower_weight) {
  const std::uint32_t upper_weight = kOne - lower_weight;
  std::uint8_t* out = out_ + next_out_ * kSide;
  for (int x = 0; x < kSide; ++x) {
    const std::uint32_t quarters = ((upper_weight * upper[x]) >> 16) + ((lower_weight * lower[x]) >> 16);
    out[x] = static_cast<std::uint8_t>((quarters + 2) >> 2);
  }
  ++next_out_;
}

Status resize(const ImageFormat& format, const std::uint8_t* pixels, std::size_t stride_bytes,
              std::span<std::uint8_t, kPixels> out) {
  Resizer resizer;
  Status status = resizer.begin(format, out);
  for (int y = 0; status == Status::kOk && y < format.height; ++y)
    status = resizer.push_row(pixels + static_cast<std::size_t>(y) * stride_bytes);
  return status;
}

namespace {

// What the published firmware's int8 conversion makes of a gray value.
constexpr std::int8_t published_input(std::uint8_t gray) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(gray * 128 / 255));
}

template <typename Integer>
Status convert_pixels(std::span<const std::uint8_t, kPixels> gray, int exponent, InputRule rule,
                      std::span<Integer, kPixels> out) {
  constexpr bool kWide = sizeof(Integer) == 2;
  if (rule == InputRule::kPublished) {
    if (exponent != (kWide ? -15 : -7)) return Status::kBadExponent;
    for (std::size_t i = 0; i < kPixels; ++i)
      out[i] = static_cast<Integer>(published_input(gray[i]) * (kWide ? 256 : 1));
    return Status::kOk;
  }
  if (exponent < kMinInputExponent || exponent > kMaxInputExponent) return Status::kBadExponent;
  constexpr std::uint32_t kMost = std::numeric_limits<Integer>::max();
  for (std::size_t i = 0; i < kPixels; ++i) {
    const std::uint32_t rounded = ((std::uint32_t{gray[i]} << (1 - exponent)) + 255) / 510;
    out[i] = static_cast<Integer>(std::min(rounded, kMost));
  }
  return Status::kOk;
}

}  // namespace

Status to_model_input(std::span<const std::uint8_t, kPixels> gray, int exponent, InputRule rule,
                      std::span<std::int8_t, kPixels> out) {
  return convert_pixels(gray, exponent, rule, out);
}

Status to_model_input(std::span<const std::uint8_t, kPixels> gray, int exponent, InputRule rule,
                      std::span<std::int16_t, kPixels> out) {
  return convert_pixels(gray, exponent, rule, out);
}

}  // namespace mudra::device
