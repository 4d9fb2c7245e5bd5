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
#include "tests/data/picture_files.hpp"
#include "tests/refusal.hpp"

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
std::string picture_refusal(std::span<const std::uint8_t> file) {
  return refusal([&] { decode_image(file); });
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

// `file` with a chunk behind its IHDR.
Bytes with_png_chunk(const Bytes& file, const std::string& type, const Bytes& contents) {
  constexpr std::size_t kBehindHeader = 33;
  Bytes chunk(type.begin(), type.end());
  chunk.insert(chunk.end(), contents.begin(), contents.end());
  const auto big_endian = [](std::size_t value) {
    return Bytes{static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
                 static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  };
  Bytes whole(file.begin(), file.begin() + kBehindHeader);
  for (const Bytes& part : {big_endian(contents.size()), chunk, big_endian(png_crc(chunk))})
    whole.insert(whole.end(), part.begin(), part.end());
  whole.insert(whole.end(), file.begin() + kBehindHeader, file.end());
  return whole;
}

// A TIFF structure that says: turned right.
const Bytes kTurnedRight = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0,
                            3,   0,   0, 0,  1, 0, 6, 0, 0, 0, 0,    0,    0};

TEST(Png, is_turned_upright_as_its_exif_data_say) {
  const Image image = decode_image(with_png_chunk(encode_png(random_image(20, 10, 1)), "eXIf", kTurnedRight));
  EXPECT_EQ(image.width, 10);
  EXPECT_EQ(image.height, 20);
}

TEST(Png, a_side_beyond_the_limit_is_refused_naming_the_limit) {
  EXPECT_THAT(picture_refusal(encode_png(random_image(20'000, 16, 1))),
              testing::HasSubstr("20000 x 16 pixels are more than a picture may have: 16384 a side"));
}

TEST(Png, every_truncation_is_refused) {
  const Bytes file = encode_png(random_image(8, 6, 3));
  for (std::size_t length = 0; length < file.size(); ++length)
    ASSERT_NE(picture_refusal(std::span(file).first(length)), "") << length;
}

TEST(Png, a_size_the_file_cannot_hold_is_refused_before_memory_is_taken) {
  Bytes file = encode_png(random_image(8, 6, 1));
  const std::uint8_t huge[8] = {0, 0, 0x20, 0, 0, 0, 0x20, 0};  // 8192 x 8192
  std::memcpy(file.data() + 16, huge, sizeof huge);
  EXPECT_THAT(picture_refusal(file), testing::HasSubstr("PNG: IHDR: CRC error"));
  const std::uint32_t crc = png_crc(std::span(file).subspan(12, 17));
  for (int i = 0; i < 4; ++i)
    file[29 + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  EXPECT_THAT(picture_refusal(file), testing::HasSubstr("bytes cannot hold 8192 x 8192 pixels"));
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
  EXPECT_THAT(picture_refusal(file), testing::HasSubstr("convert the picture to RGB"));
}

TEST(Jpeg, is_turned_upright_as_its_exif_data_say) {
  Bytes file = write_jpeg(flat_image(20, 10, {77}), JCS_GRAYSCALE, JCS_GRAYSCALE);
  Bytes segment = {0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0};
  segment.insert(segment.end(), kTurnedRight.begin(), kTurnedRight.end());
  file.insert(file.begin() + 2, segment.begin(), segment.end());
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
  EXPECT_THAT(picture_refusal(file), testing::HasSubstr("bytes cannot hold 7952 x 7952 pixels"));
  at[5] = at[7] = 0x7f;
  EXPECT_THAT(picture_refusal(file), testing::HasSubstr("more than a picture may have"));
}

TEST(Jpeg, every_truncation_of_its_data_is_refused) {
  const Bytes file = write_jpeg(random_image(16, 16, 1), JCS_GRAYSCALE, JCS_GRAYSCALE);
  for (std::size_t length = 0; length + 2 < file.size(); ++length)
    ASSERT_NE(picture_refusal(std::span(file).first(length)), "") << length << " of " << file.size();
}

TEST(Jpeg, that_ends_in_its_header_is_said_to_end_early) {
  const Bytes file = write_jpeg(random_image(16, 16, 1), JCS_GRAYSCALE, JCS_GRAYSCALE);
  for (const std::size_t length : {4, 20, 60})
    EXPECT_THAT(picture_refusal(std::span(file).first(length)), testing::HasSubstr("Premature end"));
}

TEST(Jpeg, without_its_end_marker_is_the_same_picture_and_says_so) {
  const Bytes file = write_jpeg(random_image(40, 24, 3), JCS_RGB, JCS_YCbCr);
  const Image whole = decode_image(file);
  EXPECT_FALSE(whole.lacks_end);
  for (const std::size_t missing : {1, 2}) {
    const Image cut = decode_image(std::span(file).first(file.size() - missing));
    EXPECT_TRUE(cut.lacks_end);
    EXPECT_EQ(cut.pixels, whole.pixels);
  }
}

TEST(Jpeg, without_the_end_of_several_scans_is_refused) {
  const Bytes file = write_jpeg(random_image(40, 24, 3), JCS_RGB, JCS_YCbCr, Scans::kProgressive);
  EXPECT_EQ(picture_refusal(file), "");
  for (std::size_t length = 0; length + 2 < file.size(); ++length)
    ASSERT_NE(picture_refusal(std::span(file).first(length)), "") << length << " of " << file.size();
}

TEST(WebP, is_read_pixel_for_pixel_and_turned_upright) {
  const Image image = random_image(20, 10, 3);
  const Bytes file = write_webp(image);
  EXPECT_EQ(decode_image(file).pixels, image.pixels);
  const auto small = [](std::uint32_t value, int bytes) {
    Bytes text;
    for (int i = 0; i < bytes; ++i) text.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return text;
  };
  // The extended form: a chunk of flags (EXIF) and sides less one, the picture's own chunk, the EXIF chunk.
  Bytes body = {'W', 'E', 'B', 'P', 'V', 'P', '8', 'X', 10, 0, 0, 0, 8, 0, 0, 0};
  for (const Bytes& part :
       {small(19, 3), small(9, 3), Bytes(file.begin() + 12, file.end()), Bytes{'E', 'X', 'I', 'F'},
        small(static_cast<std::uint32_t>(kTurnedRight.size()), 4), kTurnedRight})
    body.insert(body.end(), part.begin(), part.end());
  Bytes turned = {'R', 'I', 'F', 'F'};
  for (const Bytes& part : {small(static_cast<std::uint32_t>(body.size()), 4), body})
    turned.insert(turned.end(), part.begin(), part.end());
  const Image upright = decode_image(turned);
  EXPECT_EQ(upright.width, 10);
  EXPECT_EQ(upright.height, 20);
}

TEST(WebP, every_truncation_is_refused) {
  const Bytes file = write_webp(random_image(8, 6, 3));
  for (std::size_t length = 0; length < file.size(); ++length)
    ASSERT_NE(picture_refusal(std::span(file).first(length)), "") << length;
}

TEST(Bmp, of_24_and_32_bits_is_read_from_the_bottom_and_from_the_top) {
  const Bytes upper = {3, 2, 1, 6, 5, 4}, lower = {9, 8, 7, 12, 11, 10};
  const Bytes expected = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  EXPECT_EQ(decode_image(write_bmp({.width = 2, .height = 2, .rows = {lower, upper}})).pixels, expected);
  EXPECT_EQ(decode_image(write_bmp({.width = 2, .height = -2, .rows = {upper, lower}})).pixels, expected);
  const Image wide = decode_image(write_bmp({.width = 1, .height = 1, .bits = 32, .rows = {{3, 2, 1, 99}}}));
  EXPECT_EQ(wide.pixels, (Bytes{1, 2, 3}));
  const std::vector<std::uint32_t> rgb = {0xff, 0xff00, 0xff0000};
  EXPECT_EQ(
      decode_image(
          write_bmp(
              {.width = 1, .height = 1, .bits = 32, .compression = 3, .masks = rgb, .rows = {{1, 2, 3, 99}}}))
          .pixels,
      (Bytes{1, 2, 3}));
}

TEST(Bmp, of_16_bits_spreads_its_colors_over_the_whole_range) {
  // 555: red 31, green 16, blue 0; 565 by masks: red 0, green 63, blue 31
  EXPECT_EQ(decode_image(write_bmp({.width = 1, .height = 1, .bits = 16, .rows = {{0x00, 0x7e}}})).pixels,
            (Bytes{255, 132, 0}));
  EXPECT_EQ(decode_image(write_bmp({.width = 1,
                                    .height = 1,
                                    .bits = 16,
                                    .compression = 3,
                                    .masks = {0xf800, 0x07e0, 0x001f},
                                    .rows = {{0xff, 0x07}}}))
                .pixels,
            (Bytes{0, 255, 255}));
}

TEST(Bmp, with_a_palette_has_its_colors) {
  const std::vector<std::uint32_t> palette = {0x000000, 0x0a141e, 0xffffff};
  const Bytes expected = {10, 20, 30, 255, 255, 255, 0, 0, 0};
  EXPECT_EQ(
      decode_image(write_bmp({.width = 3, .height = 1, .bits = 8, .palette = palette, .rows = {{1, 2, 0}}}))
          .pixels,
      expected);
  EXPECT_EQ(decode_image(
                write_bmp({.width = 3, .height = 1, .bits = 4, .palette = palette, .rows = {{0x12, 0x00}}}))
                .pixels,
            expected);
  EXPECT_EQ(decode_image(
                write_bmp({.width = 3, .height = 1, .bits = 1, .palette = {0, 0xffffff}, .rows = {{0xa0}}}))
                .pixels,
            (Bytes{255, 255, 255, 0, 0, 0, 255, 255, 255}));
}

TEST(Bmp, what_is_not_read_is_refused_by_name) {
  BmpKind kind{.width = 2, .height = 1, .bits = 8, .compression = 1, .rows = {{0, 0}}};
  EXPECT_THAT(picture_refusal(write_bmp(kind)), testing::HasSubstr("RLE8 compression is not supported"));
  kind.compression = 5;
  EXPECT_THAT(picture_refusal(write_bmp(kind)), testing::HasSubstr("PNG compression is not supported"));
  kind = {.width = 20'000, .height = 1, .rows = {}};
  EXPECT_THAT(picture_refusal(write_bmp(kind)), testing::HasSubstr("16384 a side"));
  kind = {.width = 300, .height = 300, .rows = {{1}}};
  EXPECT_THAT(picture_refusal(write_bmp(kind)),
              testing::HasSubstr("cannot hold 300 x 300 pixels of 24 bits"));
  kind = {.width = 1, .height = 1, .bits = 16, .compression = 3, .masks = {5, 0, 0}, .rows = {{0, 0}}};
  EXPECT_THAT(picture_refusal(write_bmp(kind)), testing::HasSubstr("do not lie together"));
  kind = {.width = 0, .height = 1, .rows = {}};
  EXPECT_THAT(picture_refusal(write_bmp(kind)), testing::HasSubstr("without pixels"));
}

TEST(Bmp, every_truncation_of_its_pixels_is_refused) {
  const Bytes file = write_bmp(
      {.width = 4, .height = 2, .bits = 8, .palette = {0, 1, 2}, .rows = {{0, 1, 2, 0}, {1, 1, 1, 1}}});
  EXPECT_EQ(picture_refusal(file), "");
  for (std::size_t length = 0; length < file.size(); ++length)
    ASSERT_NE(picture_refusal(std::span(file).first(length)), "") << length;
}

TEST(Picture, of_another_kind_is_refused) {
  EXPECT_EQ(picture_refusal({}), "is empty");
  const Bytes text = {'h', 'e', 'l', 'l', 'o'};
  EXPECT_THAT(picture_refusal(text), testing::HasSubstr("no PNG, JPEG, WebP or BMP picture"));
}

TEST(Picture, thousands_of_flipped_bits_give_a_picture_or_an_error) {
  const Bytes files[] = {
      encode_png(random_image(12, 9, 3)), write_jpeg(random_image(24, 16, 3), JCS_RGB, JCS_YCbCr),
      write_webp(random_image(12, 9, 3)),
      write_bmp({.width = 2, .height = 1, .bits = 4, .palette = {1, 2}, .rows = {{0x10}}})};
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
  for (const char* name : {"a.png", "b.PNG", "c.jpg", "d.JPeG", "e.bmp", "f.WebP", "refused.HEIC"})
    EXPECT_TRUE(has_image_extension(name)) << name;
  for (const char* name : {"a.txt", "png", ".png", "a.png.bak"})
    EXPECT_FALSE(has_image_extension(name)) << name;
}

TEST(Prepare, a_gray_picture_and_its_rgb_twin_are_the_same) {
  const Image gray = random_image(120, 77, 1);
  Image color{.width = 120, .height = 77, .channels = 3, .pixels = {}};
  for (const std::uint8_t pixel : gray.pixels) color.pixels.insert(color.pixels.end(), 3, pixel);
  Bytes a(kImagePixels), b(kImagePixels);
  prepare(gray, {}, a);
  prepare(color, {}, b);
  EXPECT_EQ(a, b);
}

}  // namespace
}  // namespace mudra::data
