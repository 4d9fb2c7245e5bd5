#include "mudra/data/contact_sheet.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/data/bitmap_font.hpp"
#include "tests/data/small_dataset.hpp"

namespace mudra::data {
namespace {

// Whether `picture` is somewhere on the sheet.
bool shows(const Image& sheet, std::span<const std::uint8_t> picture) {
  for (int y = 0; y + kImageSide <= sheet.height; ++y)
    for (int x = 0; x + kImageSide <= sheet.width; ++x) {
      const auto row = sheet.pixels.begin() + y * sheet.width + x;
      if (!std::equal(picture.begin(), picture.begin() + kImageSide, row)) continue;
      bool equal = true;
      for (int line = 1; equal && line < kImageSide; ++line)
        equal = std::equal(picture.begin() + line * kImageSide, picture.begin() + (line + 1) * kImageSide,
                           row + line * sheet.width);
      if (equal) return true;
    }
  return false;
}

TEST(ContactSheet, shows_pictures_of_every_class) {
  const Dataset set = small_dataset(2, 3, 2);
  const Image sheet = contact_sheet(set, {.columns = 4});
  EXPECT_EQ(sheet.channels, 1);
  EXPECT_EQ(sheet.height, 3 * 100 + 4);
  for (std::size_t i = 0; i < set.size(); ++i) EXPECT_TRUE(shows(sheet, set.image(i))) << i;
}

TEST(ContactSheet, spreads_its_columns_over_a_class) {
  const Dataset set = small_dataset(1, 1, 9);
  const Image sheet = contact_sheet(set, {.columns = 3});
  for (std::size_t i = 0; i < set.size(); ++i) EXPECT_EQ(shows(sheet, set.image(i)), i % 3 == 0) << i;
}

TEST(ContactSheet, has_a_row_for_each_class_and_subject_on_request) {
  Dataset set = small_dataset(2, 2, 1);
  const SheetConfig config{.columns = 2, .rows = SheetRows::kClassesOfEachSubject};
  EXPECT_EQ(contact_sheet(set, config).height, 4 * 100 + 4);
  set.subjects[0] = kUnknownSubject;
  EXPECT_EQ(contact_sheet(set, config).height, 4 * 100 + 4);
}

TEST(ContactSheet, of_pictures_without_labels_shows_them_all_the_same) {
  Dataset set = small_dataset(1, 1, 5);
  set.class_names.clear();
  std::ranges::fill(set.labels, kUnknownLabel);
  const Image sheet = contact_sheet(set, {.columns = 2});
  EXPECT_EQ(sheet.height, 3 * 100 + 4);
  EXPECT_TRUE(shows(sheet, set.image(4)));
}

TEST(ContactSheet, shows_colour_and_has_room_for_the_text_of_small_pictures) {
  Dataset set = small_dataset(1, 2, 1);
  set.shape = {.height = 8, .width = 12, .channels = 3};
  set.images.resize(set.size() * set.shape.bytes());
  const Image sheet = contact_sheet(set);
  EXPECT_EQ(sheet.channels, 3);
  EXPECT_EQ(sheet.pixels.size(), static_cast<std::size_t>(sheet.width * sheet.height * 3));
  int shown = 0;
  for (std::size_t at = 0; at + 36 <= sheet.pixels.size(); at += 3)
    for (std::size_t i = 0; i < set.size(); ++i)
      shown += std::equal(set.image(i).begin(), set.image(i).begin() + 36,
                          sheet.pixels.begin() + static_cast<std::ptrdiff_t>(at));
  EXPECT_EQ(shown, 2);
}

TEST(ContactSheet, that_would_not_fit_a_picture_is_refused) {
  EXPECT_THROW(contact_sheet(small_dataset(1, 151, 1)), Error);
  EXPECT_THROW(contact_sheet(small_dataset(1, 1, 1), {.columns = 0}), Error);
}

TEST(Font, draws_within_the_picture_only) {
  Image image{.width = 20, .height = 10, .channels = 1, .pixels = std::vector<std::uint8_t>(200)};
  draw_text(image, -3, -2, 2, "Ab7 \xff~");
  draw_text(image, 15, 6, 3, "W");
  EXPECT_GT(std::ranges::count(image.pixels, 255), 20);
}

TEST(Font, draws_different_signs_differently) {
  const auto drawn = [](char c) {
    Image image{.width = 6, .height = 8, .channels = 1, .pixels = std::vector<std::uint8_t>(48)};
    draw_text(image, 0, 0, 1, std::string(1, c));
    return image.pixels;
  };
  const std::string signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-./:%()+ ";
  for (std::size_t i = 0; i < signs.size(); ++i)
    for (std::size_t k = 0; k < i; ++k) EXPECT_NE(drawn(signs[i]), drawn(signs[k])) << signs[i] << signs[k];
  EXPECT_EQ(drawn('a'), drawn('A'));
}

}  // namespace
}  // namespace mudra::data
