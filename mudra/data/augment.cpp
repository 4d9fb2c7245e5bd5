#include "mudra/data/augment.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "mudra/base/error.hpp"

namespace mudra::data {
namespace {

constexpr int kFixedBits = 16;
constexpr std::int32_t kFixedOne = 1 << kFixedBits;

struct SineCosine {
  double sine, cosine;
};

// Taylor's series on +-45 degrees (error below 1e-10): the C library's functions differ between machines.
SineCosine sine_cosine(double degrees) {
  const double quarters = std::floor(degrees / 90 + 0.5);
  const double x = (degrees - 90 * quarters) * (3.14159265358979323846 / 180), x2 = x * x;
  const double sine = x * (1 - x2 / 6 * (1 - x2 / 20 * (1 - x2 / 42 * (1 - x2 / 72 * (1 - x2 / 110)))));
  const double cosine = 1 - x2 / 2 * (1 - x2 / 12 * (1 - x2 / 30 * (1 - x2 / 56 * (1 - x2 / 90))));
  switch (static_cast<int>(quarters) & 3) {
    case 0:
      return {sine, cosine};
    case 1:
      return {cosine, -sine};
    case 2:
      return {-sine, -cosine};
    default:
      return {-cosine, sine};
  }
}

// at + per_x * x + per_y * y, for output pixel (x, y).
struct Linear {
  double at, per_x, per_y;
};

// Where an output pixel comes from: in the picture, and in the frame between rotation and the rest.
struct Warp {
  Linear source_x, source_y;
  Linear frame_x, frame_y;
};

// The values drawn for one picture.
struct Movement {
  double degrees, scale, move_x, move_y;  // moves in pixels
  bool mirror_x, mirror_y;
};

Movement draw_movement(const Augmentation& a, const PictureShape& shape, Random& random) {
  const float most_x = a.translation * static_cast<float>(shape.width);
  const float most_y = a.translation * static_cast<float>(shape.height);
  // One statement per draw: the order is part of the result.
  Movement movement{};
  movement.degrees = random.uniform(-a.rotation_degrees, a.rotation_degrees);
  movement.scale = random.uniform(a.scale_low, a.scale_high);
  movement.move_x = random.uniform(-most_x, most_x);
  movement.move_y = random.uniform(-most_y, most_y);
  movement.mirror_x = random.chance(a.horizontal_flip);
  movement.mirror_y = random.chance(a.vertical_flip);
  return movement;
}

// The inverse of: turn about the centre, scale about the centre, move, mirror.
Warp inverse_warp(const Movement& movement, const PictureShape& shape) {
  const double centre_x = (shape.width - 1) / 2.0, centre_y = (shape.height - 1) / 2.0;
  const SineCosine turn = sine_cosine(movement.degrees);
  const double inverse = 1 / movement.scale;
  const double step_x = movement.mirror_x ? -inverse : inverse,
               step_y = movement.mirror_y ? -inverse : inverse;
  // From the centre, in the frame: step * (pixel - centre) - move / scale.
  const Linear x{-step_x * centre_x - movement.move_x * inverse, step_x, 0};
  const Linear y{-step_y * centre_y - movement.move_y * inverse, 0, step_y};
  const double c = turn.cosine, s = turn.sine;
  return {.source_x = {c * x.at + s * y.at + centre_x, c * x.per_x, s * y.per_y},
          .source_y = {c * y.at - s * x.at + centre_y, -s * x.per_x, c * y.per_y},
          .frame_x = {x.at + centre_x, x.per_x, 0},
          .frame_y = {y.at + centre_y, 0, y.per_y}};
}

std::int32_t to_fixed(double value) { return static_cast<std::int32_t>(std::floor(value * kFixedOne + 0.5)); }

// A linear function along one output row in 16.16 fixed point: value at pixel 0 and step.
struct RowFunction {
  std::int32_t start, step;
};

RowFunction along_row(const Linear& function, int y) {
  return {to_fixed(function.at + function.per_y * y), to_fixed(function.per_x)};
}

// Output pixels [first, end) of a row.
struct PixelRange {
  int first, end;
};

// The part of `range` where low <= value < high.
PixelRange clip(PixelRange range, const RowFunction& value, std::int32_t low, std::int32_t high) {
  const auto at = [&](int x) { return std::int64_t{value.start} + std::int64_t{value.step} * x; };
  if (value.step == 0) return value.start >= low && value.start < high ? range : PixelRange{0, 0};
  while (range.first < range.end && !(at(range.first) >= low && at(range.first) < high)) ++range.first;
  while (range.end > range.first && !(at(range.end - 1) >= low && at(range.end - 1) < high)) --range.end;
  return range;
}

// The picture with a black pixel on every side: bilinear neighbours of any place within need no test.
struct BorderedImage {
  std::ptrdiff_t stride;
  std::vector<std::uint8_t> pixels;  // [height + 2, width + 2, channels]

  BorderedImage(std::span<const std::uint8_t> image, const PictureShape& shape)
      : stride(std::ptrdiff_t{shape.width + 2} * shape.channels),
        pixels(static_cast<std::size_t>(stride * (shape.height + 2))) {
    const std::ptrdiff_t row = std::ptrdiff_t{shape.width} * shape.channels;
    for (std::ptrdiff_t y = 0; y < shape.height; ++y)
      std::copy_n(image.begin() + y * row, row, pixels.begin() + (y + 1) * stride + shape.channels);
  }
};

// The values at (x, y), given in 16.16 fixed point and one pixel further right and down than in the picture,
// through the table.
template <int kChannels>
inline void bilinear(const BorderedImage& image, std::int32_t x, std::int32_t y, const std::uint8_t* table,
                     std::uint8_t* out) {
  const std::uint8_t* const p =
      image.pixels.data() + (y >> kFixedBits) * image.stride + (x >> kFixedBits) * kChannels;
  const std::uint8_t* const next = p + image.stride;
  const std::uint32_t right = (static_cast<std::uint32_t>(x) >> 8) & 255, left = 256 - right;
  const std::uint32_t lower = (static_cast<std::uint32_t>(y) >> 8) & 255, upper = 256 - lower;
  for (int c = 0; c < kChannels; ++c)
    out[c] = table[(upper * (left * p[c] + right * p[c + kChannels]) +
                    lower * (left * next[c] + right * next[c + kChannels]) + 32768) >>
                   16];
}

using GrayTable = std::array<std::uint8_t, 256>;

GrayTable draw_gray_table(const Augmentation& a, Random& random) {
  const float brightness = random.uniform(a.brightness_low, a.brightness_high);
  const float contrast = random.uniform(a.contrast_low, a.contrast_high);
  constexpr float kMiddle = 128;
  GrayTable table{};
  for (std::size_t v = 0; v < table.size(); ++v) {
    const float value = (static_cast<float>(v) * brightness - kMiddle) * contrast + kMiddle;
    table[v] = static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f));
  }
  return table;
}

template <int kChannels>
void warp_row(const BorderedImage& image, const PictureShape& shape, const Warp& warp, WarpOrder order,
              const GrayTable& table, int y, std::uint8_t* out) {
  constexpr std::int32_t kHalf = kFixedOne / 2;
  const std::int32_t end_x = shape.width * kFixedOne, end_y = shape.height * kFixedOne;
  const RowFunction source_x = along_row(warp.source_x, y), source_y = along_row(warp.source_y, y);
  PixelRange range{0, shape.width};
  range = clip(range, source_x, -kFixedOne, end_x);
  range = clip(range, source_y, -kFixedOne, end_y);
  if (order == WarpOrder::kRotationCropped) {
    range = clip(range, along_row(warp.frame_x, y), -kHalf, end_x - kHalf);
    range = clip(range, along_row(warp.frame_y, y), -kHalf, end_y - kHalf);
  }
  const std::uint8_t* const grays = table.data();
  std::fill_n(out, range.first * kChannels, grays[0]);
  std::int32_t at_x = source_x.start + source_x.step * range.first + kFixedOne;
  std::int32_t at_y = source_y.start + source_y.step * range.first + kFixedOne;
  for (int x = range.first; x < range.end; ++x, at_x += source_x.step, at_y += source_y.step)
    bilinear<kChannels>(image, at_x, at_y, grays, out + x * kChannels);
  std::fill(out + range.end * kChannels, out + shape.width * kChannels, grays[0]);
}

// Adds noise of triangular distribution, the sum of two uniform bytes, whose deviation is 255 / sqrt(6).
void add_noise(float deviation, Random& random, std::span<std::uint8_t> image) {
  constexpr float kUnitDeviation = 104.1f;
  const auto factor = static_cast<std::int32_t>(deviation / kUnitDeviation * kFixedOne + 0.5f);
  for (std::size_t i = 0; i < image.size(); i += 4) {
    std::uint64_t bits = random.bits();
    for (std::size_t k = i; k < std::min(i + 4, image.size()); ++k, bits >>= 16) {
      const auto sum = static_cast<std::int32_t>((bits & 255) + (bits >> 8 & 255)) - 255;
      const std::int32_t noisy = image[k] + ((sum * factor + kFixedOne / 2) >> kFixedBits);
      image[k] = static_cast<std::uint8_t>(std::clamp(noisy, 0, 255));
    }
  }
}

struct Preset {
  const char* name;
  Augmentation augmentation;
};

const std::array<Preset, 3>& presets() {
  static const std::array<Preset, 3> all = {{
      {"none", {}},
      {"mild",
       {.rotation_degrees = 25,
        .scale_low = 0.6f,
        .scale_high = 1.3f,
        .translation = 0.15f,
        .brightness_low = 0.7f,
        .brightness_high = 1.4f}},
      {"seed",
       {.rotation_degrees = 90,
        .scale_low = 0.8f,
        .scale_high = 1.2f,
        .translation = 0.2f,
        .order = WarpOrder::kRotationCropped,
        .horizontal_flip = 0.5f,
        .vertical_flip = 0.5f}},
  }};
  return all;
}

}  // namespace

Augmentation augmentation_preset(std::string_view name) {
  for (const Preset& preset : presets())
    if (preset.name == name) return preset.augmentation;
  fail("there is no augmentation '{}' (there are {})", name, fmt::join(augmentation_preset_names(), ", "));
}

std::vector<std::string> augmentation_preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets()) names.emplace_back(preset.name);
  return names;
}

void augment(const Augmentation& augmentation, std::span<const std::uint8_t> in, Random random,
             std::span<std::uint8_t> out, const PictureShape& shape) {
  assert(in.size() == shape.bytes() && out.size() == shape.bytes());
  assert(augmentation.scale_low >= 0.1f && augmentation.scale_high <= 10);
  assert(augmentation.translation >= 0 && augmentation.translation <= 1);
  const Warp warp = inverse_warp(draw_movement(augmentation, shape, random), shape);
  const GrayTable table = draw_gray_table(augmentation, random);
  const BorderedImage image(in, shape);
  const auto warp_row_of = shape.is_color() ? warp_row<3> : warp_row<1>;
  for (int y = 0; y < shape.height; ++y)
    warp_row_of(image, shape, warp, augmentation.order, table, y,
                out.data() + std::ptrdiff_t{y} * shape.width * shape.channels);
  if (augmentation.noise > 0) add_noise(augmentation.noise, random, out);
}

}  // namespace mudra::data
