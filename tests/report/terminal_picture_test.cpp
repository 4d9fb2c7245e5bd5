#include "mudra/report/terminal_picture.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace mudra::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Pixels = std::vector<std::uint8_t>;

constexpr data::PictureShape kTiny{.height = 2, .width = 2, .channels = 1};
const Pixels kChecks = {0, 255, 255, 0};

TerminalAbility letters_of(int width, int height) { return {.cell_width = width, .cell_height = height}; }

TEST(TerminalPicture, half_blocks_show_two_pixels_per_letter) {
  EXPECT_EQ(drawn(kChecks, kTiny, Drawing::kColour, {}, {.columns = 2, .lines = 1}),
            "\033[1;1H"
            "\033[38;2;0;0;0;48;2;255;255;255m\u2580"
            "\033[38;2;255;255;255;48;2;0;0;0m\u2580\033[0m");
  EXPECT_EQ(drawn(kChecks, kTiny, Drawing::kGrays, {}, {.columns = 2, .lines = 1}),
            "\033[1;1H\033[38;5;16;48;5;231m\u2580\033[38;5;231;48;5;16m\u2580\033[0m");
  const data::PictureShape color{.height = 2, .width = 1, .channels = 3};
  EXPECT_EQ(drawn(Pixels{1, 2, 3, 40, 50, 60}, color, Drawing::kColour, {}, {.columns = 1, .lines = 1}),
            "\033[1;1H\033[38;2;1;2;3;48;2;40;50;60m\u2580\033[0m");
}

TEST(TerminalPicture, grays_are_the_nearest_of_256_colours) {
  const auto number = [](std::uint8_t gray) {
    const std::string text = drawn(Pixels{gray, gray}, {.height = 2, .width = 1, .channels = 1},
                                   Drawing::kGrays, {}, {.columns = 1, .lines = 1});
    return std::stoi(text.substr(text.find("38;5;") + 5));
  };
  for (const auto& [gray, color] : {std::pair{0, 16},
                                    {3, 16},
                                    {4, 232},
                                    {8, 232},
                                    {12, 232},
                                    {14, 233},
                                    {238, 255},
                                    {246, 255},
                                    {247, 231}})
    EXPECT_EQ(number(static_cast<std::uint8_t>(gray)), color) << gray;
}

TEST(TerminalPicture, plain_letters_are_from_dark_to_bright) {
  EXPECT_EQ(drawn(kChecks, kTiny, Drawing::kPlain, {}, {.columns = 2, .lines = 2}), "\033[1;1H @\033[2;1H@ ");
  EXPECT_EQ(drawn(kChecks, kTiny, Drawing::kPlain, {}, {.columns = 1, .lines = 1}), "\033[1;1H+");
}

TEST(TerminalPicture, sixels_are_bands_of_six_rows_in_each_gray_that_occurs) {
  const std::string text =
      drawn(kChecks, kTiny, Drawing::kSixel, letters_of(2, 2), {.columns = 1, .lines = 1});
  EXPECT_THAT(text, StartsWith("\033[H\033Pq\"1;1;2;2#0;2;0;0;0#1;2;1;1;1#2;2;3;3;3"));
  EXPECT_THAT(text, testing::EndsWith("#63;2;100;100;100#0@A$#63A@$-\033\\"));
  const std::string run = drawn(Pixels{9}, {.height = 1, .width = 1, .channels = 1}, Drawing::kSixel,
                                letters_of(8, 7), {.columns = 1, .lines = 1});
  EXPECT_THAT(run, testing::EndsWith("#2!8~$-#2!8@$-\033\\"));
  EXPECT_THAT(drawn(Pixels{255, 0, 0}, {.height = 1, .width = 1, .channels = 3}, Drawing::kSixel,
                    letters_of(1, 1), {.columns = 1, .lines = 1}),
              testing::EndsWith("#215;2;100;100;100#180@$-\033\\"));
}

TEST(TerminalPicture, kitty_gets_the_pixels_in_pieces) {
  EXPECT_EQ(drawn(Pixels{255}, {.height = 1, .width = 1, .channels = 1}, Drawing::kKitty, {},
                  {.columns = 3, .lines = 2}),
            "\033[H\033_Ga=T,f=24,i=1,p=1,q=2,C=1,s=1,v=1,c=3,r=2,m=0;////\033\\");
  const std::string text = drawn(Pixels(96 * 96, 7), {}, Drawing::kKitty, {}, {.columns = 40, .lines = 20});
  EXPECT_THAT(text, HasSubstr("s=96,v=96,c=40,r=20,m=1;BwcH"));
  EXPECT_THAT(text, HasSubstr("\033\\\033_Gm=1;"));
  EXPECT_THAT(text, HasSubstr("\033\\\033_Gm=0;"));
  for (std::size_t at = 0, end = 0; (at = text.find(';', end)) != text.npos;) {
    end = text.find("\033\\", at);
    ASSERT_NE(end, text.npos);
    EXPECT_LE(end - at - 1, 4096u);
  }
}

TEST(TerminalPicture, the_best_that_a_terminal_can_is_drawn) {
  EXPECT_EQ(drawing_for({.kitty = true, .sixel = true}, "xterm", "", ""), Drawing::kKitty);
  EXPECT_EQ(drawing_for({.sixel = true}, "xterm-256color", "truecolor", ""), Drawing::kSixel);
  EXPECT_EQ(drawing_for({}, "xterm-256color", "truecolor", ""), Drawing::kColour);
  EXPECT_EQ(drawing_for({}, "xterm-256color", "24bit", ""), Drawing::kColour);
  EXPECT_EQ(drawing_for({}, "xterm-direct", "", ""), Drawing::kColour);
  EXPECT_EQ(drawing_for({}, "xterm-256color", "", ""), Drawing::kGrays);
  EXPECT_EQ(drawing_for({}, "vt100", "", ""), Drawing::kPlain);
  EXPECT_EQ(drawing_for({}, "xterm-256color", "truecolor", "1"), Drawing::kPlain);
}

TEST(TerminalPicture, keeps_its_proportions_within_the_room) {
  const Letters wide = letters_for({}, letters_of(10, 20), {.columns = 100, .lines = 24});
  EXPECT_EQ(wide.lines, 24);
  EXPECT_EQ(wide.columns, 48);
  const Letters narrow = letters_for({}, letters_of(10, 20), {.columns = 20, .lines = 24});
  EXPECT_EQ(narrow.lines, 10);
  EXPECT_EQ(narrow.columns, 20);
  for (const int most : {1, 2, 3}) {
    const Letters least = letters_for({.height = 8, .width = 512, .channels = 1}, letters_of(10, 20),
                                      {.columns = most, .lines = most});
    EXPECT_GE(least.lines, 1);
    EXPECT_TRUE(least.columns >= 1 && least.columns <= most);
  }
}

}  // namespace
}  // namespace mudra::report
