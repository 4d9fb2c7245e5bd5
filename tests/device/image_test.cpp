#include "mudra/device/image.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "mudra/base/random.hpp"

namespace mudra::device {
namespace {

constexpr int kSide = PictureShape{}.width;
constexpr std::size_t kPixels = PictureShape{}.bytes();
using Picture = std::array<std::uint8_t, kPixels>;
using Work = std::array<std::uint16_t, Resizer::kMostWorkWords>;

std::vector<std::uint8_t> random_pixels(int width, int height, int channels, Random random) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width) *
                                   static_cast<std::size_t>(height * channels));
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  return pixels;
}

std::vector<std::uint8_t> resized_to(const PictureShape& shape, int width, int height, PixelFormat format,
                                     const std::vector<std::uint8_t>& pixels) {
  std::vector<std::uint8_t> out(shape.bytes());
  std::vector<std::uint16_t> work(Resizer::work_words(shape));
  const auto stride = static_cast<std::size_t>(width * bytes_per_pixel(format));
  EXPECT_EQ(resize({width, height, format}, pixels.data(), stride, shape, out, work), Status::kOk);
  return out;
}

Picture resized(int width, int height, PixelFormat format, const std::vector<std::uint8_t>& pixels) {
  Picture out{};
  std::ranges::copy(resized_to({}, width, height, format, pixels), out.begin());
  return out;
}

// The textbook: half-pixel centres, edges repeated, in double.
double bilinear(const std::vector<std::uint8_t>& pixels, int width, int height, int x, int y) {
  const auto at = [&](int px, int py) {
    px = std::clamp(px, 0, width - 1);
    py = std::clamp(py, 0, height - 1);
    return static_cast<double>(pixels[static_cast<std::size_t>(py) * static_cast<std::size_t>(width) +
                                      static_cast<std::size_t>(px)]);
  };
  const double fx = (x + 0.5) * width / kSide - 0.5, fy = (y + 0.5) * height / kSide - 0.5;
  const int ix = static_cast<int>(std::floor(fx)), iy = static_cast<int>(std::floor(fy));
  const double ax = fx - ix, ay = fy - iy;
  return (1 - ay) * ((1 - ax) * at(ix, iy) + ax * at(ix + 1, iy)) +
         ay * ((1 - ax) * at(ix, iy + 1) + ax * at(ix + 1, iy + 1));
}

// What OpenCV 4.6.0 makes of pseudo-random pictures (opencv_pictures.py).
struct OpencvRow {
  int width, height;
  std::uint64_t gray, color;  // FNV-1a of the 96 x 96 result
};
constexpr OpencvRow kOpencv[] = {
    {1, 1, 0x374086763f032325ull, 0x3f013acf24e9f325ull},
    {2, 1, 0x97c85ef38735848dull, 0xeff18b4b54737325ull},
    {1, 3, 0xf354570681d9d6e5ull, 0x8924eab633e1bee5ull},
    {5, 7, 0xa1499770aa50478dull, 0x4d571116d9a04c5bull},
    {96, 96, 0x53dece1f901d4179ull, 0xb819c6c84dd3f4c1ull},
    {96, 31, 0x4744d7e090f021afull, 0xc4ff54e028825fc1ull},
    {192, 192, 0xef5b7dc62a73afb9ull, 0xb9d14cec77d33d22ull},
    {192, 191, 0xdf215681fd76ec83ull, 0xfbc24a491712076bull},
    {95, 193, 0xac8f5bdb6276cc37ull, 0xfbafdfb94d015a99ull},
    {240, 640, 0x64e597950aab6dcfull, 0xb31cf579259682b3ull},
    {640, 240, 0xa99bced6d1fb9875ull, 0x337daf6b4af03d4bull},
    {355, 432, 0x3ee5e3f5cc46f9c4ull, 0xd196a66785662b38ull},
    {1000, 2, 0x689d9a2b80a16180ull, 0x1038f0f8ecc44311ull},
    {2100, 3, 0x6e7bb05ae13f01ebull, 0xcd41992c4df2976full},
    {3, 4097, 0x4ae6e34cbcde54f6ull, 0xdb4b3acec30e6939ull},
    {8200, 2, 0x942d4e47ca565249ull, 0xd54ba62252a1816bull},
    {16384, 1, 0xfacce62c08d734bdull, 0xbad699ba8fdcff15ull},
};

std::vector<std::uint8_t> congruential_pixels(std::size_t count) {
  std::uint32_t state = 1;
  std::vector<std::uint8_t> pixels(count);
  for (auto& pixel : pixels) {
    state = state * 1664525 + 1013904223;
    pixel = static_cast<std::uint8_t>(state >> 24);
  }
  return pixels;
}

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
  return value;
}

TEST(Resize, gives_the_bytes_of_opencv_for_gray_and_color_of_any_size) {
  for (const OpencvRow& row : kOpencv) {
    const auto pixels = static_cast<std::size_t>(row.width) * static_cast<std::size_t>(row.height);
    const Picture gray = resized(row.width, row.height, PixelFormat::kGray8, congruential_pixels(pixels));
    const Picture color =
        resized(row.width, row.height, PixelFormat::kRgb888, congruential_pixels(3 * pixels));
    EXPECT_EQ(fnv1a(gray), row.gray) << row.width << " x " << row.height;
    EXPECT_EQ(fnv1a(color), row.color) << row.width << " x " << row.height;
  }
}

struct OpencvShape {
  int width, height, out_width, out_height;
  std::uint64_t gray, color;  // of the result, in colour too
};
constexpr OpencvShape kOpencvShapes[] = {
    {640, 480, 128, 128, 0x6214a800ff08269cull, 0xce957f645fe0fff5ull},
    {240, 240, 224, 224, 0x7e2e53201e1ce260ull, 0x63e85d618c2abd8eull},
    {128, 96, 64, 48, 0x71c67cd1566bd4c7ull, 0x65d28c2250bf6a91ull},
    {127, 96, 64, 48, 0xd41da4017135a3deull, 0x67d21ce7f0070cd2ull},
    {64, 48, 64, 48, 0xea4cdda371539a98ull, 0x53dece1f901d4179ull},
    {31, 17, 512, 509, 0x4640074bb9a50583ull, 0xce459d6452826b41ull},
    {509, 511, 8, 500, 0x91e3e8f919a70f93ull, 0x08c88ff5dac7af95ull},
    {4097, 3, 333, 8, 0x02f2377bbe9b0013ull, 0xfa6339daa7d52973ull},
    {9000, 2, 510, 9, 0xac2036b12df1dd73ull, 0x052dfc232ff0f9e5ull},
    {3, 16384, 8, 511, 0x0be2101162bd373cull, 0x7d944b6302caacfdull},
    {2049, 5, 512, 10, 0xaac2cd8fc8ff3760ull, 0xd75be06101cc6260ull},
    {1, 1, 100, 8, 0x6bf32f8cfe57ab25ull, 0x98814a92fc12b485ull},
};

TEST(Resize, gives_the_bytes_of_opencv_for_results_of_any_size_in_gray_and_color) {
  for (const OpencvShape& row : kOpencvShapes) {
    const auto pixels = static_cast<std::size_t>(row.width) * static_cast<std::size_t>(row.height);
    const PictureShape gray{.height = row.out_height, .width = row.out_width, .channels = 1};
    const PictureShape color{.height = row.out_height, .width = row.out_width, .channels = 3};
    EXPECT_EQ(
        fnv1a(resized_to(gray, row.width, row.height, PixelFormat::kGray8, congruential_pixels(pixels))),
        row.gray)
        << row.width << " x " << row.height;
    EXPECT_EQ(fnv1a(resized_to(color, row.width, row.height, PixelFormat::kRgb888,
                               congruential_pixels(3 * pixels))),
              row.color)
        << row.width << " x " << row.height;
  }
}

TEST(Resize, repeats_gray_in_color_and_reads_a_cameras_16_bits) {
  const PictureShape color{.height = 9, .width = 20, .channels = 3};
  const auto gray = random_pixels(31, 12, 1, Random(11));
  const auto once = resized_to({.height = 9, .width = 20, .channels = 1}, 31, 12, PixelFormat::kGray8, gray);
  const auto thrice = resized_to(color, 31, 12, PixelFormat::kGray8, gray);
  for (std::size_t i = 0; i < thrice.size(); ++i) ASSERT_EQ(thrice[i], once[i / 3]);

  std::vector<std::uint8_t> packed, unpacked;
  Random random(12);
  for (int i = 0; i < 31 * 12; ++i) {
    const auto red = random.below(32), green = random.below(64), blue = random.below(32);
    packed.push_back(static_cast<std::uint8_t>(red << 3 | green >> 3));
    packed.push_back(static_cast<std::uint8_t>((green & 7) << 5 | blue));
    for (const double share :
         {static_cast<double>(red) / 31, static_cast<double>(green) / 63, static_cast<double>(blue) / 31})
      unpacked.push_back(static_cast<std::uint8_t>(std::lround(share * 255)));
  }
  EXPECT_EQ(resized_to(color, 31, 12, PixelFormat::kRgb565, packed),
            resized_to(color, 31, 12, PixelFormat::kRgb888, unpacked));
  EXPECT_EQ(resized(31, 12, PixelFormat::kRgb565, packed), resized(31, 12, PixelFormat::kRgb888, unpacked));
}

TEST(Cut, is_the_largest_middle_of_the_shapes_proportions) {
  const auto is = [](const Cut& cut, int left, int top, int width, int height) {
    return cut.left == left && cut.top == top && cut.width == width && cut.height == height;
  };
  EXPECT_TRUE(is(middle_of(240, 240, {}), 0, 0, 240, 240));
  EXPECT_TRUE(is(middle_of(640, 480, {}), 80, 0, 480, 480));
  EXPECT_TRUE(is(middle_of(240, 240, {.height = 48, .width = 64, .channels = 3}), 0, 30, 240, 180));
  EXPECT_TRUE(is(middle_of(240, 240, {.height = 64, .width = 48, .channels = 1}), 30, 0, 180, 240));
  EXPECT_TRUE(is(middle_of(1, 300, {.height = 8, .width = 512, .channels = 1}), 0, 149, 1, 1));
}

TEST(Resize, is_within_one_gray_level_of_exact_bilinear) {
  Random random(3);
  for (int round = 0; round < 60; ++round) {
    const int width = 1 + static_cast<int>(random.below(400)),
              height = 1 + static_cast<int>(random.below(400));
    if (width == 2 * kSide && height == 2 * kSide) continue;
    const auto pixels = random_pixels(width, height, 1, Random(4, round));
    const Picture out = resized(width, height, PixelFormat::kGray8, pixels);
    for (int y = 0; y < kSide; ++y)
      for (int x = 0; x < kSide; ++x)
        ASSERT_NEAR(out[static_cast<std::size_t>(y * kSide + x)], bilinear(pixels, width, height, x, y), 1.0)
            << width << " x " << height << " at " << x << ", " << y;
  }
}

TEST(Resize, leaves_a_picture_of_the_right_size_as_it_is) {
  const auto pixels = random_pixels(kSide, kSide, 1, Random(5));
  EXPECT_TRUE(std::ranges::equal(resized(kSide, kSide, PixelFormat::kGray8, pixels), pixels));
}

TEST(Resize, keeps_a_constant_picture_constant) {
  for (const int value : {0, 1, 127, 254, 255})
    for (const int side : {1, 2, 95, 97, 192, 500}) {
      const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(side * side),
                                             static_cast<std::uint8_t>(value));
      for (const std::uint8_t pixel : resized(side, side, PixelFormat::kGray8, pixels))
        ASSERT_EQ(pixel, value);
    }
}

TEST(Resize, mirrors_with_its_input) {
  const int width = 150, height = 40;
  auto pixels = random_pixels(width, height, 1, Random(6));
  const Picture out = resized(width, height, PixelFormat::kGray8, pixels);
  for (int y = 0; y < height; ++y) std::reverse(pixels.begin() + y * width, pixels.begin() + (y + 1) * width);
  Picture mirrored = resized(width, height, PixelFormat::kGray8, pixels);
  for (int y = 0; y < kSide; ++y)
    std::reverse(mirrored.begin() + y * kSide, mirrored.begin() + (y + 1) * kSide);
  EXPECT_EQ(out, mirrored);
}

TEST(Resize, averages_two_by_two_at_exactly_twice_the_size) {
  const auto pixels = random_pixels(192, 192, 1, Random(7));
  const Picture out = resized(192, 192, PixelFormat::kGray8, pixels);
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x) {
      const std::size_t at = 2 * y * 192 + 2 * x;
      ASSERT_EQ(out[y * kSide + x],
                (pixels[at] + pixels[at + 1] + pixels[at + 192] + pixels[at + 193] + 2) / 4);
    }
}

TEST(Resize, skips_the_padding_between_rows) {
  const auto pixels = random_pixels(10, 12, 1, Random(8));
  std::vector<std::uint8_t> padded;
  for (std::size_t y = 0; y < 12; ++y) {
    padded.insert(padded.end(), pixels.begin() + static_cast<std::ptrdiff_t>(y * 10),
                  pixels.begin() + static_cast<std::ptrdiff_t>(y * 10 + 10));
    padded.insert(padded.end(), 6, 255);
  }
  Picture out{};
  Work work;
  ASSERT_EQ(resize({10, 12, PixelFormat::kGray8}, padded.data(), 16, {}, out, work), Status::kOk);
  EXPECT_EQ(out, resized(10, 12, PixelFormat::kGray8, pixels));
}

TEST(Resizer, is_done_with_the_last_row_and_takes_no_more) {
  for (const int height : {1, 2, 50, 96, 97, 192, 300}) {
    const auto row = random_pixels(192, 1, 1, Random(9));
    Resizer resizer;
    Picture out{};
    Work work;
    ASSERT_EQ(resizer.begin({192, height, PixelFormat::kGray8}, {}, out, work), Status::kOk);
    EXPECT_FALSE(resizer.done());
    for (int y = 0; y < height; ++y) ASSERT_EQ(resizer.push_row(row.data()), Status::kOk);
    EXPECT_TRUE(resizer.done()) << height;
    EXPECT_EQ(resizer.push_row(row.data()), Status::kTooManyRows);
  }
}

TEST(Resizer, refuses_sizes_outside_its_limits) {
  Resizer resizer;
  Picture out{};
  Work work;
  const std::uint8_t row[4] = {};
  EXPECT_EQ(resizer.push_row(row), Status::kTooManyRows);
  EXPECT_TRUE(resizer.done());
  for (const auto& [width, height] : {std::pair{0, 1}, {1, 0}, {-5, 9}, {kMaxImageSide + 1, 1}, {1, 16385}}) {
    EXPECT_EQ(resizer.begin({width, height, PixelFormat::kGray8}, {}, out, work), Status::kBadSize);
    EXPECT_EQ(resizer.push_row(row), Status::kTooManyRows);
  }
  const ImageFormat good{1, 1, PixelFormat::kGray8};
  std::vector<std::uint8_t> large(513 * 513 * 3);
  for (const PictureShape& shape :
       {PictureShape{7, 96, 1}, PictureShape{96, 513, 1}, PictureShape{96, 96, 2}, PictureShape{-96, -96, 1}})
    EXPECT_EQ(resizer.begin(good, shape, std::span(large).first(shape.bytes() % large.size()), work),
              Status::kBadSize);
  EXPECT_EQ(resizer.begin(good, {}, std::span(out).first(100), work), Status::kBadSize);
  EXPECT_EQ(resizer.begin(good, {}, out, std::span(work).first(383)), Status::kBadSize);
  EXPECT_EQ(resizer.push_row(row), Status::kTooManyRows);
  EXPECT_EQ(resizer.begin(good, {}, out, std::span(work).first(384)), Status::kOk);
}

// OpenCV's own steps: the scale as a reciprocal in double, the position as a float.
void check_taps(int sides, int size) {
  for (int i = 0; i < sides; ++i) {
    const double scale = 1.0 / (static_cast<double>(sides) / size);
    const auto position = static_cast<float>((i + 0.5) * scale - 0.5);
    const float floor = std::floor(position);
    const float weight = std::nearbyint((position - floor) * 2048.0f);
    const Tap at = tap(i, sides, size);
    // A position a rounding error below a whole pixel is the whole pixel.
    ASSERT_EQ(at.first * 2048 + at.second_weight, static_cast<int>(floor) * 2048 + static_cast<int>(weight))
        << i << " of " << sides << " from " << size;
  }
}

TEST(Tap, weights_are_those_of_floats_rounded_half_to_even) {
  for (int size = 1; size <= kMaxImageSide; size += size < 600 ? 1 : 97) check_taps(kSide, size);
  for (int sides = kMinPictureSide; sides <= kMaxPictureSide; ++sides)
    for (int size = 1 + sides % 7; size <= kMaxImageSide; size += size < 600 ? 83 : 1237)
      check_taps(sides, size);
}

TEST(Gray, weights_are_close_to_the_definition_and_keep_gray) {
  for (int v = 0; v < 256; ++v) {
    const auto byte = static_cast<std::uint8_t>(v);
    EXPECT_EQ(gray_of(byte, byte, byte), byte);
  }
  Random random(10);
  for (int i = 0; i < 10000; ++i) {
    const auto r = static_cast<std::uint8_t>(random.below(256)),
               g = static_cast<std::uint8_t>(random.below(256)),
               b = static_cast<std::uint8_t>(random.below(256));
    ASSERT_NEAR(gray_of(r, g, b), 0.299 * r + 0.587 * g + 0.114 * b, 0.51);
  }
}

Picture all_grays() {
  Picture gray;
  for (std::size_t i = 0; i < kPixels; ++i) gray[i] = static_cast<std::uint8_t>(i % 256);
  return gray;
}

TEST(ModelInput, is_the_real_value_rounded_half_up_and_clamped) {
  const Picture gray = all_grays();
  std::array<std::int8_t, kPixels> narrow;
  std::array<std::int16_t, kPixels> wide;
  for (int exponent = kMinInputExponent; exponent <= kMaxInputExponent; ++exponent) {
    ASSERT_EQ(to_model_input(gray, exponent, InputRule::kRounded, narrow), Status::kOk);
    ASSERT_EQ(to_model_input(gray, exponent, InputRule::kRounded, wide), Status::kOk);
    for (std::size_t p = 0; p < 256; ++p) {
      // floor(x + 1/2) of x = p * 2^k / 255, as the exact quotient (2 p 2^k + 255) / 510; above 2^0 with 2^-k
      // in the divisor.
      const std::int64_t divisor = 255 << std::max(0, exponent);
      const std::int64_t numerator = 2 * (static_cast<std::int64_t>(p) << std::max(0, -exponent)) + divisor;
      const std::int64_t rounded = numerator / (2 * divisor);
      ASSERT_EQ(narrow[p], std::min<std::int64_t>(rounded, 127)) << p << " at " << exponent;
      ASSERT_EQ(wide[p], std::min<std::int64_t>(rounded, 32767)) << p << " at " << exponent;
    }
  }
  ASSERT_EQ(to_model_input(gray, -7, InputRule::kRounded, narrow), Status::kOk);
  EXPECT_EQ(narrow[255], 127);
  EXPECT_EQ(narrow[1], 1);  // 0.502
}

// floor(x + 1/2) within [low, high], x = numerator / denominator / 2^exponent.
std::int64_t normalized_integer(std::int64_t numerator, std::int64_t denominator, int exponent,
                                std::int64_t low, std::int64_t high) {
  const std::int64_t divisor = 2 * denominator << std::max(0, exponent);
  const std::int64_t dividend = numerator * (std::int64_t{2} << std::max(0, -exponent)) + divisor / 2;
  const std::int64_t quotient = dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
  return std::clamp(quotient, low, high);
}

TEST(ModelInput, normalized_is_the_exact_quotient_rounded_half_up_for_every_value_and_exponent) {
  std::vector<std::uint8_t> colors(256 * 3);  // every value in every channel
  for (std::size_t i = 0; i < colors.size(); ++i)
    colors[i] = static_cast<std::uint8_t>((i / 3 + i % 3 * 85) % 256);
  std::vector<std::int8_t> narrow(colors.size());
  std::vector<std::int16_t> wide(colors.size());
  for (const char* text :
       {"0/1", "0.5/0.5", "0.485,0.456,0.406/0.229,0.224,0.225", "0/0.003921569", "-10/0.001", "10/0.001",
        "10/10", "-10,10,0/10,0.001,1", "0.498039216/0.00390625"}) {
    InputRule rule;
    ASSERT_TRUE(read_normalization(text, rule.normalization)) << text;
    for (int exponent = kMinInputExponent; exponent <= kMaxInputExponent; ++exponent) {
      ASSERT_EQ(to_model_input(colors, exponent, rule, narrow), Status::kOk);
      ASSERT_EQ(to_model_input(colors, exponent, rule, wide), Status::kOk);
      for (std::size_t i = 0; i < colors.size(); ++i) {
        const auto c = static_cast<int>(i % 3);
        // (p / 255 - mean) / deviation
        const std::int64_t numerator = colors[i] * Normalization::kUnit - 255 * rule.normalization.mean[c];
        const std::int64_t denominator = 255 * rule.normalization.deviation[c];
        ASSERT_EQ(narrow[i], normalized_integer(numerator, denominator, exponent, -128, 127))
            << text << ": " << int{colors[i]} << " at " << exponent;
        ASSERT_EQ(wide[i], normalized_integer(numerator, denominator, exponent, -32768, 32767))
            << text << ": " << int{colors[i]} << " at " << exponent;
      }
    }
  }
}

TEST(ModelInput, takes_half_of_an_integer_up) {
  const std::array<std::uint8_t, 3> pixels{0, 255, 51};
  std::array<std::int8_t, 3> out{};
  InputRule rule;
  ASSERT_TRUE(read_normalization("0.5/1", rule.normalization));
  ASSERT_EQ(to_model_input(pixels, 0, rule, out), Status::kOk);
  EXPECT_EQ(out[0], 0);  // -0.5
  EXPECT_EQ(out[1], 1);  // 0.5
  EXPECT_EQ(out[2], 0);  // -0.3
  ASSERT_TRUE(read_normalization("0.5,0.25,0/1,1,1", rule.normalization));
  EXPECT_EQ(to_model_input(std::span(pixels).first(2), 0, rule, std::span(out).first(2)), Status::kBadSize);
}

TEST(Normalization, is_read_from_decimals_one_or_one_per_channel) {
  const auto read = [](std::string_view text) {
    Normalization normalization;
    EXPECT_TRUE(read_normalization(text, normalization)) << text;
    return normalization;
  };
  EXPECT_EQ(read("0/1"), Normalization{});
  EXPECT_EQ(read("0,0.0,-0/1.000,1,1"), Normalization{});
  const Normalization one = read("-.5/0.25");
  EXPECT_EQ(one.channels, 1);
  for (int c = 0; c < 3; ++c) {
    EXPECT_EQ(one.mean[c], -500'000'000);
    EXPECT_EQ(one.deviation[c], 250'000'000);
  }
  const Normalization three = read("0.5/0.229,0.224,0.225");
  EXPECT_EQ(three.channels, 3);
  EXPECT_EQ(three.mean[2], 500'000'000);
  EXPECT_EQ(three.deviation[1], 224'000'000);
  EXPECT_TRUE(three.suits(3));
  EXPECT_FALSE(three.suits(1));
  EXPECT_EQ(read("0/0.00392156862745098").deviation[0], 3'921'569);  // to the nearest of nine digits
  EXPECT_EQ(read("0.0000000004/1"), Normalization{});
}

TEST(Normalization, is_not_read_from_anything_else) {
  for (const char* text : {"",         "/",           "0.5",     "0.5/",
                           "/0.5",     "0.5/0",       "0.5/-1",  "0.5/0.0009",
                           "0.5/10.1", "10.1/1",      "-10.1/1", "nan/1",
                           "0/nan",    "inf/1",       "1e-3/1",  "0x1/1",
                           "+1/1",     "0.5/0.5/0.5", "1,2/1",   "0,0,0,0/1",
                           "0/1,1",    "0/1,1,1,1",   "0,,0/1",  "0,0,/1",
                           "0/1,",     " 0/1",        "0/1 ",    "0..5/1",
                           "-/1",      "./1",         "--1/1",   "99999999999999999999999/1",
                           "none",     "imagenet"}) {
    Normalization normalization;
    EXPECT_FALSE(read_normalization(text, normalization)) << text;
    EXPECT_EQ(normalization, Normalization{}) << text;
  }
}

TEST(ModelInput, of_the_published_firmware_truncates_and_turns_white_into_black) {
  const Picture gray = all_grays();
  std::array<std::int8_t, kPixels> narrow;
  std::array<std::int16_t, kPixels> wide;
  ASSERT_EQ(to_model_input(gray, -7, InputRule::kPublished, narrow), Status::kOk);
  ASSERT_EQ(to_model_input(gray, -15, InputRule::kPublished, wide), Status::kOk);
  for (std::size_t p = 0; p < 255; ++p)
    ASSERT_EQ(narrow[p], static_cast<int>(static_cast<float>(p) / 255.0f * 128.0f)) << p;
  EXPECT_EQ(narrow[255], -128);
  for (std::size_t p = 0; p < 256; ++p) ASSERT_EQ(wide[p], narrow[p] * 256);
}

TEST(ModelInput, refuses_exponents_it_has_no_rule_for) {
  const Picture gray{};
  std::array<std::int8_t, kPixels> narrow;
  std::array<std::int16_t, kPixels> wide;
  EXPECT_EQ(to_model_input(gray, kMinInputExponent - 1, InputRule::kRounded, narrow), Status::kBadExponent);
  EXPECT_EQ(to_model_input(gray, kMaxInputExponent + 1, InputRule::kRounded, wide), Status::kBadExponent);
  EXPECT_EQ(to_model_input(gray, -8, InputRule::kPublished, narrow), Status::kBadExponent);
  EXPECT_EQ(to_model_input(gray, -7, InputRule::kPublished, wide), Status::kBadExponent);
  EXPECT_EQ(to_model_input(gray, -7, InputRule::kRounded, std::span(narrow).first(kPixels - 1)),
            Status::kBadSize);
}

TEST(ModelInput, may_be_written_over_the_gray_picture) {
  Picture gray = all_grays();
  std::array<std::int8_t, kPixels> apart;
  ASSERT_EQ(to_model_input(gray, -7, InputRule::kRounded, apart), Status::kOk);
  const std::span in_place(reinterpret_cast<std::int8_t*>(gray.data()), kPixels);
  ASSERT_EQ(to_model_input(gray, -7, InputRule::kRounded, in_place), Status::kOk);
  EXPECT_TRUE(std::ranges::equal(in_place, apart));
}

TEST(Status, has_words_for_every_value) {
  for (const Status status : {Status::kOk, Status::kBadSize, Status::kTooManyRows, Status::kBadExponent})
    EXPECT_STRNE(describe(status), "unknown status");
}

}  // namespace
}  // namespace mudra::device
