#include "mudra/report/terminal_image.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "mudra/report/picture_cells.hpp"

namespace mudra::report {
namespace {

constexpr int kColumns = 32, kLines = 16;

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
  const bool colour = style == TerminalStyle::kColour;
  const PictureCells cells{image, shape, kColumns, colour ? 2 * kLines : kLines};
  std::string text;
  for (int line = 0; line < kLines; ++line) {
    for (int column = 0; column < kColumns; ++column) {
      if (colour)
        text += colour_letter(cells.color(column, 2 * line), cells.color(column, 2 * line + 1));
      else
        text += plain_letter(cells.color(column, line));
    }
    text += colour ? "\033[0m\n" : "\n";
  }
  return text;
}

}  // namespace mudra::report
