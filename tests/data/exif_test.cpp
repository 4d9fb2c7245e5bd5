#include "mudra/data/exif.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mudra/base/random.hpp"

namespace mudra::data {
namespace {

using Bytes = std::vector<std::uint8_t>;

// An APP1 segment of two entries, the second the orientation.
Bytes little_endian(std::uint8_t orientation) {
  return {'E', 'x', 'i', 'f', 0,   0, 'I', 'I', 42,   0,    8, 0, 0, 0, 2, 0, 0x0f,        0x01, 2, 0,
          1,   0,   0,   0,   'x', 0, 0,   0,   0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0,    0, 0};
}

Bytes big_endian(std::uint8_t orientation) {
  return {'E', 'x', 'i',  'f',  0, 0, 'M', 'M', 0, 42, 0, 0,           0, 8,
          0,   1,   0x01, 0x12, 0, 3, 0,   0,   0, 1,  0, orientation, 0, 0};
}

TEST(Exif, orientation_is_read_in_both_byte_orders) {
  for (std::uint8_t orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(exif_orientation(little_endian(orientation)), orientation);
    EXPECT_EQ(exif_orientation(big_endian(orientation)), orientation);
  }
}

TEST(Exif, of_a_chunk_may_leave_its_mark_out) {
  const Bytes whole = big_endian(6);
  EXPECT_EQ(exif_orientation(std::span(whole).subspan(6)), 6);
}

TEST(Exif, what_is_absent_or_damaged_is_upright) {
  EXPECT_EQ(exif_orientation({}), 1);
  EXPECT_EQ(exif_orientation(little_endian(0)), 1);
  EXPECT_EQ(exif_orientation(little_endian(9)), 1);
  const Bytes whole = little_endian(6);
  for (std::size_t length = 0; length + 2 < whole.size() - 2; ++length)
    EXPECT_EQ(exif_orientation(std::span(whole).first(length)), 1) << length;
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    Bytes damaged = whole;
    for (int flips = 0; flips < 3; ++flips)
      damaged[random.below(static_cast<std::uint32_t>(damaged.size()))] ^=
          static_cast<std::uint8_t>(1 << random.below(8));
    const int orientation = exif_orientation(damaged);
    ASSERT_TRUE(orientation >= 1 && orientation <= 8);
  }
}

TEST(Exif, pictures_are_turned_upright) {
  // 3 x 2 pixels: abc over def, as text for readability.
  const auto turned = [](int orientation) {
    const std::string text = "abcdef";
    const Image image =
        upright({.width = 3, .height = 2, .channels = 1, .pixels = {text.begin(), text.end()}}, orientation);
    EXPECT_EQ(image.width, orientation < 5 ? 3 : 2);
    EXPECT_EQ(image.height, orientation < 5 ? 2 : 3);
    return std::string(image.pixels.begin(), image.pixels.end());
  };
  EXPECT_EQ(turned(1), "abcdef");
  EXPECT_EQ(turned(2), "cbafed");  // mirrored
  EXPECT_EQ(turned(3), "fedcba");  // upside down
  EXPECT_EQ(turned(4), "defabc");
  EXPECT_EQ(turned(5), "adbecf");  // transposed
  EXPECT_EQ(turned(6), "daebfc");  // turned right
  EXPECT_EQ(turned(7), "fcebda");
  EXPECT_EQ(turned(8), "cfbead");  // turned left
}

TEST(Exif, color_pixels_stay_together) {
  const Image image = upright({.width = 2, .height = 1, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}}, 3);
  EXPECT_EQ(image.pixels, (Bytes{4, 5, 6, 1, 2, 3}));
}

}  // namespace
}  // namespace mudra::data
