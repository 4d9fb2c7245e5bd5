#include "mudra/device/image.hpp"

#include <algorithm>
#include <bit>
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

// Bits behind the point of a float of this integer part. Below 8 a float has more than 21, but the exact
// weight (a multiple of 1 / 2 sides) is then at least 1/1024 away from a tie, so that 21 bits round the same
// way.
constexpr int fraction_bits_of(std::uint32_t integer_part) {
  constexpr int kMost = 21, kFloat = 24;
  return std::min(kMost, kFloat - static_cast<int>(std::bit_width(integer_part)));
}

constexpr std::uint32_t to_8_bits(std::uint32_t value, std::uint32_t most) {
  return (value * 255 + most / 2) / most;
}

// Red, green and blue of a pixel, each to the nearest of 255 steps.
struct Rgb {
  std::uint8_t values[3];
};
constexpr Rgb rgb_of_565(const std::uint8_t* pixel) {
  const std::uint32_t bits = std::uint32_t{pixel[0]} << 8 | pixel[1];
  return {{static_cast<std::uint8_t>(to_8_bits(bits >> 11, 31)),
           static_cast<std::uint8_t>(to_8_bits(bits >> 5 & 63, 63)),
           static_cast<std::uint8_t>(to_8_bits(bits & 31, 31))}};
}

// Calls run(value_at), where value_at(pixel, channel) is what the result has for a source pixel: one loop for
// each kind, without a choice at every pixel.
template <typename Run>
void with_values(PixelFormat format, bool color, Run run) {
  using Pixel = const std::uint8_t*;
  if (format == PixelFormat::kGray8)
    run([](Pixel pixel, int) { return pixel[0]; });
  else if (format == PixelFormat::kRgb888 && color)
    run([](Pixel pixel, int channel) { return pixel[channel]; });
  else if (format == PixelFormat::kRgb888)
    run([](Pixel pixel, int) { return gray_of(pixel[0], pixel[1], pixel[2]); });
  else if (color)
    run([](Pixel pixel, int channel) { return rgb_of_565(pixel).values[channel]; });
  else
    run([](Pixel pixel, int) {
      const auto [values] = rgb_of_565(pixel);
      return gray_of(values[0], values[1], values[2]);
    });
}

}  // namespace

Tap tap(int i, int sides, int size) {
  // The position (i + 1/2) * size / sides - 1/2 as a fraction of 2 sides.
  const auto denominator = static_cast<std::uint32_t>(2 * sides);
  std::int32_t position = (2 * i + 1) * size - sides;
  int before = 0;
  if (position < 0) {
    before = -1;
    position += 2 * sides;
  }
  const auto numerator = static_cast<std::uint32_t>(position);
  const std::uint32_t integer = numerator / denominator, rest = numerator % denominator;
  const int bits = fraction_bits_of(integer);
  // rest * 2^bits / denominator to the nearest: below 2^31 + 2^9 above the line. A fraction with these many
  // bits and one more is no multiple of 1 / denominator: there are no ties.
  const std::uint32_t rounded = ((rest << bits) + denominator / 2) / denominator;
  const std::uint32_t fraction = rounded & ((1u << bits) - 1);
  return {before + static_cast<int>(integer + (rounded >> bits)), to_weight(fraction, bits)};
}

Status Resizer::begin(const ImageFormat& format, const PictureShape& shape, std::span<std::uint8_t> out,
                      std::span<std::uint16_t> work) {
  format_ = {};  // a refused picture takes no rows
  shape_ = {.height = 0, .width = 0, .channels = 1};
  next_row_ = next_out_ = 0;
  const bool fits = format.width >= 1 && format.width <= kMaxImageSide && format.height >= 1 &&
                    format.height <= kMaxImageSide;
  if (!fits || !is_picture(shape) || out.size() != shape.bytes() || work.size() < work_words(shape))
    return Status::kBadSize;
  format_ = format;
  shape_ = shape;
  out_ = out.data();
  left_bytes_ = work.data();
  right_weights_ = left_bytes_ + shape.width;
  lines_[0] = right_weights_ + shape.width;
  lines_[1] = lines_[0] + row_values();
  averages_ = format.width == 2 * shape.width && format.height == 2 * shape.height;
  for (int i = 0; i < shape.width; ++i) {
    const Tap at = tap(i, shape.width, format.width);
    const bool beyond = at.first < 0 || at.first >= format.width - 1;
    const int left = std::clamp(at.first, 0, format.width - 1);
    left_bytes_[i] = static_cast<std::uint16_t>(left * bytes_per_pixel(format.pixels));
    right_weights_[i] = beyond ? 0 : at.second_weight;
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
    const Tap at = tap(next_out_, shape_.height, format_.height);
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

void Resizer::average_row(const std::uint8_t* row) {
  const int step = bytes_per_pixel(format_.pixels);
  const bool upper = next_row_ % 2 == 1;
  with_values(format_.pixels, shape_.is_color(), [&](auto value_at) {
    std::uint8_t* out = next_row();
    std::uint16_t* sums = lines_[0];
    for (int x = 0; x < shape_.width; ++x)
      for (int c = 0; c < shape_.channels; ++c, ++sums, ++out) {
        const std::uint8_t* pixel = row + 2 * x * step;
        const int sum = value_at(pixel, c) + value_at(pixel + step, c);
        if (upper)
          *sums = static_cast<std::uint16_t>(sum);
        else
          *out = static_cast<std::uint8_t>((*sums + sum + 2) >> 2);
      }
  });
  if (!upper) ++next_out_;
}

void Resizer::sample_row(const std::uint8_t* row, std::uint16_t* line) const {
  const int step = bytes_per_pixel(format_.pixels), width = shape_.width, channels = shape_.channels;
  const std::uint16_t* left_bytes = left_bytes_;
  const std::uint16_t* right_weights = right_weights_;
  with_values(format_.pixels, shape_.is_color(), [=](auto value_at) {
    for (int c = 0; c < channels; ++c) {
      std::uint16_t* out = line + c;
      for (int x = 0; x < width; ++x, out += channels) {
        const std::uint32_t right_weight = right_weights[x];
        const std::uint8_t* pixel = row + left_bytes[x];
        std::uint32_t sum = value_at(pixel, c) * (kOne - right_weight);
        if (right_weight != 0) sum += value_at(pixel + step, c) * right_weight;
        *out = static_cast<std::uint16_t>(sum >> 4);
      }
    }
  });
}

void Resizer::blend_rows(const std::uint16_t* upper, const std::uint16_t* lower, std::uint32_t lower_weight) {
  const std::uint32_t upper_weight = kOne - lower_weight;
  std::uint8_t* out = next_row();
  const std::size_t values = row_values();
  for (std::size_t i = 0; i < values; ++i) {
    const std::uint32_t quarters = ((upper_weight * upper[i]) >> 16) + ((lower_weight * lower[i]) >> 16);
    out[i] = static_cast<std::uint8_t>((quarters + 2) >> 2);
  }
  ++next_out_;
}

Status resize(const ImageFormat& format, const std::uint8_t* pixels, std::size_t stride_bytes,
              const PictureShape& shape, std::span<std::uint8_t> out, std::span<std::uint16_t> work) {
  Resizer resizer;
  Status status = resizer.begin(format, shape, out, work);
  for (int y = 0; status == Status::kOk && y < format.height; ++y)
    status = resizer.push_row(pixels + static_cast<std::size_t>(y) * stride_bytes);
  return status;
}

Cut middle_of(int width, int height, const PictureShape& shape) {
  Cut cut{.left = 0, .top = 0, .width = width, .height = height};
  if (width * shape.height > height * shape.width)
    cut.width = std::max(1, height * shape.width / shape.height);
  else
    cut.height = std::max(1, width * shape.height / shape.width);
  cut.left = (width - cut.width) / 2;
  cut.top = (height - cut.height) / 2;
  return cut;
}

namespace {

// What the published firmware's int8 conversion makes of a gray value.
constexpr std::int8_t published_input(std::uint8_t gray) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(gray * 128 / 255));
}

// floor(x + 1/2) within the type for what each pixel value is in channel c, x = value / 2^exponent. From one
// value to the next the exact quotient grows by the same step, so that two divisions give all of them.
template <typename Integer>
void fill_table(const Normalization& normalization, int c, int exponent, Integer (&table)[256]) {
  using Limits = std::numeric_limits<Integer>;
  const std::int64_t scale = std::int64_t{2} << std::max(0, -exponent);  // twice, for the half
  const std::int64_t divisor = 2 * normalization.denominator(c) << std::max(0, exponent);
  const std::int64_t start = scale * normalization.numerator(0, c) + divisor / 2;
  const std::int64_t step = scale * Normalization::kUnit;
  const std::int64_t step_quotient = step / divisor, step_rest = step % divisor;
  std::int64_t quotient = start / divisor, rest = start % divisor;
  if (rest < 0) {
    --quotient;
    rest += divisor;
  }
  for (Integer& entry : table) {
    entry = static_cast<Integer>(std::clamp<std::int64_t>(quotient, Limits::min(), Limits::max()));
    quotient += step_quotient;
    rest += step_rest;
    if (rest >= divisor) {
      ++quotient;
      rest -= divisor;
    }
  }
}

template <typename Integer>
Status convert_pixels(std::span<const std::uint8_t> pixels, int exponent, const InputRule& rule,
                      std::span<Integer> out) {
  constexpr bool kWide = sizeof(Integer) == 2;
  if (out.size() != pixels.size()) return Status::kBadSize;
  if (rule.kind == InputRule::kPublished) {
    if (exponent != (kWide ? -15 : -7)) return Status::kBadExponent;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      out[i] = static_cast<Integer>(published_input(pixels[i]) * (kWide ? 256 : 1));
    return Status::kOk;
  }
  if (exponent < kMinInputExponent || exponent > kMaxInputExponent) return Status::kBadExponent;
  const auto channels = static_cast<std::size_t>(rule.normalization.channels);
  if (pixels.size() % channels != 0) return Status::kBadSize;
  Integer table[256];
  for (std::size_t c = 0; c < channels; ++c) {
    fill_table(rule.normalization, static_cast<int>(c), exponent, table);
    for (std::size_t i = c; i < pixels.size(); i += channels) out[i] = table[pixels[i]];
  }
  return Status::kOk;
}

}  // namespace

Status to_model_input(std::span<const std::uint8_t> pixels, int exponent, const InputRule& rule,
                      std::span<std::int8_t> out) {
  return convert_pixels(pixels, exponent, rule, out);
}

Status to_model_input(std::span<const std::uint8_t> pixels, int exponent, const InputRule& rule,
                      std::span<std::int16_t> out) {
  return convert_pixels(pixels, exponent, rule, out);
}

}  // namespace mudra::device
