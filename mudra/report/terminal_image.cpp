#include "mudra/report/terminal_image.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace mudra::report {
namespace {

constexpr int kColumns = 32, kLines = 16;
constexpr int kCellWidth = data::kImageSide / kColumns, kCellHeight = data::kImageSide / kLines;
static_assert(kCellHeight % 2 == 0, "a character shows two pixels, one above the other");

int mean_of(data::ImageView image, int left, int top, int height) {
  int sum = 0;
  for (int y = top; y < top + height; ++y)
    for (int x = left; x < left + kCellWidth; ++x)
      sum += image[static_cast<std::size_t>(y * data::kImageSide + x)];
  const int pixels = kCellWidth * height;
  return (sum + pixels / 2) / pixels;
}

std::string colour_cell(data::ImageView image, int left, int top) {
  constexpr int kHalf = kCellHeight / 2;
  const int upper = mean_of(image, left, top, kHalf), lower = mean_of(image, left, top + kHalf, kHalf);
  return fmt::format("\033[38;2;{0};{0};{0};48;2;{1};{1};{1}m\u2580", upper, lower);
}

char plain_cell(data::ImageView image, int left, int top) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  return kRamp[static_cast<std::size_t>(mean_of(image, left, top, kCellHeight)) * kRamp.size() / 256];
}

}  // namespace

TerminalStyle terminal_style() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  const bool able = ::isatty(STDOUT_FILENO) != 0 && term != nullptr && std::string_view(term) != "dumb";
  return wanted && able ? TerminalStyle::kColour : TerminalStyle::kPlain;
}

std::string terminal_image(data::ImageView image, TerminalStyle style) {
  std::string text;
  for (int top = 0; top < data::kImageSide; top += kCellHeight) {
    for (int left = 0; left < data::kImageSide; left += kCellWidth) {
      if (style == TerminalStyle::kColour)
        text += colour_cell(image, left, top);
      else
        text += plain_cell(image, left, top);
    }
    text += style == TerminalStyle::kColour ? "\033[0m\n" : "\n";
  }
  return text;
}

}  // namespace mudra::report
