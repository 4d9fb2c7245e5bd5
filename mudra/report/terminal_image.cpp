#include "mudra/report/terminal_image.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "mudra/data/image.hpp"

namespace mudra::report {
namespace {

constexpr int kColumns = 32, kLines = 16;

// A picture and what averages its pixels.
struct Averager {
  std::span<const std::uint8_t> image;
  data::PictureShape shape;

  // Of a channel in cell `column` of kColumns and `row` of `rows`, which has at least one pixel.
  int mean(int column, int row, int rows, int channel) const {
    const int left = column * shape.width / kColumns, top = row * shape.height / rows;
    const int right = std::max(left + 1, (column + 1) * shape.width / kColumns);
    const int bottom = std::max(top + 1, (row + 1) * shape.height / rows);
    int sum = 0;
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x)
        sum += image[static_cast<std::size_t>((y * shape.width + x) * shape.channels + channel)];
    const int pixels = (right - left) * (bottom - top);
    return (sum + pixels / 2) / pixels;
  }

  std::array<std::uint8_t, 3> color(int column, int row, int rows) const {
    std::array<std::uint8_t, 3> color{};
    for (int c = 0; c < 3; ++c)
      color[static_cast<std::size_t>(c)] =
          static_cast<std::uint8_t>(mean(column, row, rows, std::min(c, shape.channels - 1)));
    return color;
  }
};

std::string colour_cell(const Averager& picture, int column, int line) {
  const auto upper = picture.color(column, 2 * line, 2 * kLines);
  const auto lower = picture.color(column, 2 * line + 1, 2 * kLines);
  return fmt::format("\033[38;2;{};{};{};48;2;{};{};{}m\u2580", upper[0], upper[1], upper[2], lower[0],
                     lower[1], lower[2]);
}

char plain_cell(const Averager& picture, int column, int line) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  const auto color = picture.color(column, line, kLines);
  return kRamp[data::gray_of(color[0], color[1], color[2]) * kRamp.size() / 256];
}

}  // namespace

TerminalStyle terminal_style() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool able = ::isatty(STDOUT_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
  return wanted && able ? TerminalStyle::kColour : TerminalStyle::kPlain;
}

std::string terminal_image(std::span<const std::uint8_t> image, const data::PictureShape& shape,
                           TerminalStyle style) {
  const Averager picture{image, shape};
  std::string text;
  for (int line = 0; line < kLines; ++line) {
    for (int column = 0; column < kColumns; ++column) {
      if (style == TerminalStyle::kColour)
        text += colour_cell(picture, column, line);
      else
        text += plain_cell(picture, column, line);
    }
    text += style == TerminalStyle::kColour ? "\033[0m\n" : "\n";
  }
  return text;
}

}  // namespace mudra::report
