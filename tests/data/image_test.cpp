#include "mudra/data/image.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <png.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "tests/data/jpeg_files.hpp"

namespace mudra::data {
namespace {

using Bytes = std::vector<std::uint8_t>;

Image random_image(int width, int height, int channels, std::uint64_t seed = 1) {
  Image image{.width = width, .height = height, .channels = channels, .pixels = {}};
  image.pixels.resize(static_cast<std::size_t>(width * height * channels));
  Random random(seed);
  for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  return image;
}

// A PNG of any kind: `rows` in libpng's layout for the colour type and bit depth.
Bytes write_png(int width, int height, int bit_depth, int color_type, const std::vector<Bytes>& rows,
                int interlace = PNG_INTERLACE_NONE) {
  Bytes file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp p, png_bytep data, std::size_t count) {
        auto* out = static_cast<Bytes*>(png_get_io_ptr(p));
        out->insert(out->end(), data, data + count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bit_depth,
               color_type, interlace, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  const png_color palette[4] = {{10, 20, 30}, {40, 50, 60}, {70, 80, 90}, {255, 0, 128}};
  const png_byte opacity[2] = {0, 100};
  if (color_type == PNG_COLOR_TYPE_PALETTE) {
    png_set_PLTE(png, info, palette, 4);
    png_set_tRNS(png, info, opacity, 2, nullptr);
  }
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  for (const Bytes& row : rows) pointers.push_back(const_cast<png_bytep>(row.data()));
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

Image flat_image(int width, int height, Bytes color) {
  Image image{.width = width, .height = height, .channels = static_cast<int>(color.size()), .pixels = {}};
  for (int i = 0; i < width * height; ++i)
    image.pixels.insert(image.pixels.end(), color.begin(), color.end());
  return image;
}

// The checksum of PNG chunks (CRC-32 of ISO 3309).
std::uint32_t png_crc(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320 & (0u - (crc & 1)));
  }
  return ~crc;
}

// "" when `file` decodes.
std::string refusal(std::span<const std::uint8_t> file) {
  try {
    decode_image(file);
    return "";
  } catch (const Error& error) {
    return error.text;
  }
}

TEST(Png, gray_and_color_come_back_as_written) {
  for (const int channels : {1, 3}) {
    const Image image = random_image(37, 19, channels);
    const Image back = decode_image(encode_png(image));
    EXPECT_EQ(back.width, 37);
    EXPECT_EQ(back.height, 19);
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.pixels, image.pixels);
  }
}

TEST(Png, few_gray_bits_are_spread_over_the_whole_range) {
  // 0, 1, 2, 3 of two bits in one byte
  const Image image = decode_image(write_png(4, 1, 2, PNG_COLOR_TYPE_GRAY, {{0b00011011}}));
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.pixels, (Bytes{0, 85, 170, 255}));
}

TEST(Png, sixteen_bits_are_cut_to_their_upper_eight) {
  const Image gray = decode_image(write_png(2, 1, 16, PNG_COLOR_TYPE_GRAY, {{0x12, 0xff, 0x34, 0x00}}));
  EXPECT_EQ(gray.pixels, (Bytes{0x12, 0x34}));
  const Image color = decode_image(write_png(1, 1, 16, PNG_COLOR_TYPE_RGB, {{1, 200, 2, 200, 3, 200}}));
  EXPECT_EQ(color.pixels, (Bytes{1, 2, 3}));
}

TEST(Png, alpha_is_dropped_whatever_its_value) {
  const Image color =
      decode_image(write_png(2, 1, 8, PNG_COLOR_TYPE_RGB_ALPHA, {{1, 2, 3, 0, 4, 5, 6, 255}}));
  EXPECT_EQ(color.channels, 3);
  EXPECT_EQ(color.pixels, (Bytes{1, 2, 3, 4, 5, 6}));
  const Image gray = decode_image(write_png(2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA, {{9, 0, 8, 255}}));
  EXPECT_EQ(gray.channels, 1);
  EXPECT_EQ(gray.pixels, (Bytes{9, 8}));
}

TEST(Png, palettes_become_their_colors) {
  const Image image = decode_image(write_png(4, 1, 2, PNG_COLOR_TYPE_PALETTE, {{0b00011011}}));
  EXPECT_EQ(image.channels, 3);
  EXPECT_EQ(image.pixels, (Bytes{10, 20, 30, 40, 50, 60, 70, 80, 90, 255, 0, 128}));
}

TEST(Png, interlaced_pictures_are_the_same_pictures) {
  const Image image = random_image(13, 11, 1);
  std::vector<Bytes> rows;
  for (int y = 0; y < 11; ++y)
    rows.emplace_back(image.pixels.begin() + y * 13, image.pixels.begin() + (y + 1) * 13);
  EXPECT_EQ(decode_image(write_png(13, 11, 8, PNG_COLOR_TYPE_GRAY, rows, PNG_INTERLACE_ADAM7)).pixels,
            image.pixels);
}

TEST(Png, every_truncation_is_refused) {
  const Bytes file = encode_png(random_image(8, 6, 3));
  for (std::size_t length = 0; length < file.size(); ++length)
    ASSERT_NE(refusal(std::span(file).first(length)), "") << length;
}

TEST(Png, a_size_the_file_cannot_hold_is_refused_before_memory_is_taken) {
  Bytes file = encode_png(random_image(8, 6, 1));
  const std::uint8_t huge[8] = {0, 0, 0x20, 0, 0, 0, 0x20, 0};  // 8192 x 8192
  std::memcpy(file.data() + 16, huge, sizeof huge);
  EXPECT_THAT(refusal(file), testing::HasSubstr("PNG: IHDR: CRC error"));
  const std::uint32_t crc = png_crc(std::span(file).subspan(12, 17));
  for (int i = 0; i < 4; ++i)
    file[29 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  EXPECT_THAT(refusal(file), testing::HasSubstr("bytes cannot hold 8192 x 8192 pixels"));
}

TEST(Jpeg, gray_stays_one_channel) {
  const Image image = decode_image(write_jpeg(flat_image(20, 10, {77}), JCS_GRAYSCALE, JCS_GRAYSCALE));
  EXPECT_EQ(image.channels, 1);
  EXPECT_EQ(image.width, 20);
  EXPECT_EQ(image.height, 10);
  for (const std::uint8_t pixel : image.pixels) ASSERT_NEAR(pixel, 77, 1);
}

TEST(Jpeg, color_becomes_red_green_blue) {
  const Image image = decode_image(write_jpeg(flat_image(17, 9, {200, 100, 50}), JCS_RGB, JCS_YCbCr));
  ASSERT_EQ(image.channels, 3);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    ASSERT_NEAR(image.pixels[i], 200, 3);
    ASSERT_NEAR(image.pixels[i + 1], 100, 3);
    ASSERT_NEAR(image.pixels[i + 2], 50, 3);
  }
}

TEST(Jpeg, cmyk_is_refused_with_a_way_out) {
  const Bytes file = write_jpeg(random_image(8, 8, 4), JCS_CMYK, JCS_CMYK);
  EXPECT_THAT(refusal(file), testing::HasSubstr("convert the picture to RGB"));
}

TEST(Jpeg, is_turned_upright_as_its_exif_data_say) {
  Bytes file = write_jpeg(flat_image(20, 10, {77}), JCS_GRAYSCALE, JCS_GRAYSCALE);
  const Bytes turned_right = {0xff, 0xe1, 0,    34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                              0,    1,    0x01, 0x12, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0};
  file.insert(file.begin() + 2, turned_right.begin(), turned_right.end());
  const Image image = decode_image(file);
  EXPECT_EQ(image.width, 10);
  EXPECT_EQ(image.height, 20);
}

TEST(Jpeg, a_size_the_file_cannot_hold_is_refused_before_memory_is_taken) {
  Bytes file = write_jpeg(random_image(16, 16, 1), JCS_GRAYSCALE, JCS_GRAYSCALE);
  const Bytes frame = {0xff, 0xc0, 0, 11, 8, 0, 16, 0, 16};  // start of frame, 8 bits, 16 x 16
  const auto at = std::search(file.begin(), file.end(), frame.begin(), frame.end());
  ASSERT_NE(at, file.end());
  at[5] = at[7] = 0x1f;
  EXPECT_THAT(refusal(file), testing::HasSubstr("bytes cannot hold 7952 x 7952 pixels"));
  at[5] = at[7] = 0x7f;
  EXPECT_THAT(refusal(file), testing::HasSubstr("more than a picture may have"));
}

TEST(Jpeg, every_truncation_of_its_data_is_refused) {
  const Bytes file = write_jpeg(random_image(16, 16, 1), JCS_GRAYSCALE, JCS_GRAYSCALE);
  for (std::size_t length = 0; length + 2 < file.size(); ++length)
    ASSERT_NE(refusal(std::span(file).first(length)), "") << length << " of " << file.size();
}

TEST(Picture, of_another_kind_is_refused) {
  EXPECT_EQ(refusal({}), "is empty");
  const Bytes text = {'h', 'e', 'l', 'l', 'o'};
  EXPECT_THAT(refusal(text), testing::HasSubstr("neither a PNG nor a JPEG"));
}

TEST(Picture, thousands_of_flipped_bits_give_a_picture_or_an_error) {
  const Bytes files[] = {encode_png(random_image(12, 9, 3)),
                         write_jpeg(random_image(24, 16, 3), JCS_RGB, JCS_YCbCr)};
  Random random(2);
  for (const Bytes& file : files)
    for (int i = 0; i < 3000; ++i) {
      Bytes damaged = file;
      for (std::uint32_t flips = 1 + random.below(3); flips > 0; --flips)
        damaged[random.below(static_cast<std::uint32_t>(file.size()))] ^=
            static_cast<std::uint8_t>(1 << random.below(8));
      try {
        const Image image = decode_image(damaged);
        ASSERT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) *
                                           static_cast<std::size_t>(image.height * image.channels));
      } catch (const Error& error) {
        ASSERT_FALSE(error.text.empty());
        ASSERT_EQ(error.text.find('\n'), std::string::npos) << error.text;
      }
    }
}

TEST(Picture, extensions_are_recognised_in_any_case) {
  for (const char* name : {"a.png", "b.PNG", "c.jpg", "d.JPeG"})
    EXPECT_TRUE(has_image_extension(name)) << name;
  for (const char* name : {"a.txt", "png", ".png", "a.png.bak"})
    EXPECT_FALSE(has_image_extension(name)) << name;
}

TEST(Prepare, a_gray_picture_and_its_rgb_twin_are_the_same) {
  const Image gray = random_image(120, 77, 1);
  Image color{.width = 120, .height = 77, .channels = 3, .pixels = {}};
  for (const std::uint8_t pixel : gray.pixels) color.pixels.insert(color.pixels.end(), 3, pixel);
  Bytes a(kImagePixels), b(kImagePixels);
  prepare(gray, ImageOut(a.data(), kImagePixels));
  prepare(color, ImageOut(b.data(), kImagePixels));
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace mudra::data
