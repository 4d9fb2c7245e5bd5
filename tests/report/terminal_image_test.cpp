#include "mudra/report/terminal_image.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

namespace mudra::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Black above, white below, the border after `rows` rows.
std::vector<std::uint8_t> two_halves(int rows) {
  std::vector<std::uint8_t> pixels(data::kImagePixels, 255);
  std::fill_n(pixels.begin(), rows * data::kImageSide, std::uint8_t{0});
  return pixels;
}

std::string image_of(const std::vector<std::uint8_t>& pixels, TerminalStyle style) {
  return terminal_image(pixels, {}, style);
}

TEST(TerminalImage, plain_pictures_are_sixteen_lines_of_ascii_from_dark_to_bright) {
  const std::string text = image_of(two_halves(48), TerminalStyle::kPlain);
  const std::string dark = std::string(32, ' ') + '\n', bright = std::string(32, '@') + '\n';
  std::string expected;
  for (int line = 0; line < 16; ++line) expected += line < 8 ? dark : bright;
  EXPECT_EQ(text, expected);
}

TEST(TerminalImage, a_cell_is_the_mean_of_its_pixels) {
  const std::string text = image_of(two_halves(3), TerminalStyle::kPlain);  // half of the first line
  EXPECT_THAT(text, StartsWith(std::string(32, '+') + '\n' + std::string(32, '@')));
}

TEST(TerminalImage, in_colour_a_character_shows_two_pixels) {
  const std::string text = image_of(two_halves(3), TerminalStyle::kColour);
  EXPECT_THAT(text, StartsWith("\033[38;2;0;0;0;48;2;255;255;255m\u2580"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 16);
  EXPECT_THAT(text, HasSubstr("\033[0m\n"));
}

TEST(TerminalImage, shows_colours_and_pictures_with_fewer_pixels_than_cells) {
  const data::PictureShape shape{.height = 8, .width = 16, .channels = 3};
  std::vector<std::uint8_t> pixels(shape.bytes());
  for (std::size_t i = 0; i < pixels.size(); i += 3) pixels[i] = 200;
  EXPECT_THAT(terminal_image(pixels, shape, TerminalStyle::kColour),
              StartsWith("\033[38;2;200;0;0;48;2;200;0;0m\u2580"));
  // 0.299 * 200 is the third of ten grays.
  EXPECT_THAT(terminal_image(pixels, shape, TerminalStyle::kPlain), StartsWith(std::string(32, ':') + '\n'));
}

}  // namespace
}  // namespace mudra::report
