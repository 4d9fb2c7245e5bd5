#include "mudra/report/terminal_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "mudra/base/markup.hpp"
#include "mudra/report/picture_cells.hpp"

namespace mudra::report {
namespace {

// Of xterm's 256 colours: black, the 24 grays 8, 18, ... 238, and white, whichever is nearest.
int gray_number(const CellColor& color) {
  constexpr int kBlack = 16, kWhite = 231, kFirstGray = 232, kGrays = 24, kStep = 10;
  constexpr int kMostBlack = 3, kLeastWhite = 247;
  const int gray = gray_of(color);
  if (gray <= kMostBlack) return kBlack;
  return gray < kLeastWhite ? kFirstGray + std::min((gray - kMostBlack) / kStep, kGrays - 1) : kWhite;
}

std::string gray_letter(const CellColor& upper, const CellColor& lower) {
  return fmt::format("\033[38;5;{};48;5;{}m\u2580", gray_number(upper), gray_number(lower));
}

std::string drawn_in_letters(const PictureCells& cells, Drawing drawing, int lines) {
  std::string text;
  for (int line = 0; line < lines; ++line) {
    fmt::format_to(std::back_inserter(text), "\033[{};1H", line + 1);
    for (int column = 0; column < cells.columns; ++column) {
      if (drawing == Drawing::kPlain) {
        text += plain_letter(cells.color(column, line));
        continue;
      }
      const CellColor upper = cells.color(column, 2 * line), lower = cells.color(column, 2 * line + 1);
      text += drawing == Drawing::kGrays ? gray_letter(upper, lower) : colour_letter(upper, lower);
    }
    if (drawing != Drawing::kPlain) text += "\033[0m";
  }
  return text;
}

// Sixels' registers: 64 grays, or a cube of colours.
constexpr int kGrayRegisters = 64, kCubeSide = 6;

int register_of(const CellColor& color, bool is_color) {
  if (!is_color) return color[0] * kGrayRegisters / 256;
  const auto level = [](int value) { return value * kCubeSide / 256; };
  return (level(color[0]) * kCubeSide + level(color[1])) * kCubeSide + level(color[2]);
}

std::string registers(bool is_color) {
  constexpr int kPercent = 100;
  std::string text;
  const auto to = std::back_inserter(text);
  const auto share = [](int level, int levels) { return level * kPercent / (levels - 1); };
  for (int i = 0; !is_color && i < kGrayRegisters; ++i) {
    const int gray = share(i, kGrayRegisters);
    fmt::format_to(to, "#{};2;{};{};{}", i, gray, gray, gray);
  }
  for (int i = 0; is_color && i < kCubeSide * kCubeSide * kCubeSide; ++i)
    fmt::format_to(to, "#{};2;{};{};{}", i, share(i / (kCubeSide * kCubeSide), kCubeSide),
                   share(i / kCubeSide % kCubeSide, kCubeSide), share(i % kCubeSide, kCubeSide));
  return text;
}

// One row of sixels, six pixels high: each register that occurs, from the left, runs shortened.
void append_band(std::string& text, const std::vector<int>& pixels, int width, int top, int height) {
  constexpr int kBand = 6;
  const int rows = std::min(kBand, height - top);
  const auto at = [&](int x, int row) { return pixels[static_cast<std::size_t>((top + row) * width + x)]; };
  std::vector<int> used(pixels.begin() + static_cast<std::ptrdiff_t>(top) * width,
                        pixels.begin() + static_cast<std::ptrdiff_t>(top + rows) * width);
  std::ranges::sort(used);
  used.erase(std::unique(used.begin(), used.end()), used.end());
  const auto sixel_at = [&](int x, int color) {
    int bits = 0;
    for (int row = 0; row < rows; ++row) bits |= at(x, row) == color ? 1 << row : 0;
    return static_cast<char>('?' + bits);
  };
  for (const int color : used) {
    fmt::format_to(std::back_inserter(text), "#{}", color);
    for (int x = 0; x < width;) {
      const char sixel = sixel_at(x, color);
      int end = x + 1;
      while (end < width && sixel_at(end, color) == sixel) ++end;
      constexpr int kShortRun = 3;
      if (end - x > kShortRun)
        fmt::format_to(std::back_inserter(text), "!{}{}", end - x, sixel);
      else
        text.append(static_cast<std::size_t>(end - x), sixel);
      x = end;
    }
    text += '$';
  }
  text += '-';
}

std::string drawn_in_sixels(std::span<const std::uint8_t> picture, const data::PictureShape& shape, int width,
                            int height) {
  std::vector<int> pixels;
  pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const std::uint8_t* from = &picture[static_cast<std::size_t>(
          (y * shape.height / height * shape.width + x * shape.width / width) * shape.channels)];
      pixels.push_back(shape.is_color() ? register_of({from[0], from[1], from[2]}, true)
                                        : register_of({from[0], from[0], from[0]}, false));
    }
  std::string text = fmt::format("\033[H\033Pq\"1;1;{};{}{}", width, height, registers(shape.is_color()));
  constexpr int kBand = 6;
  for (int top = 0; top < height; top += kBand) append_band(text, pixels, width, top, height);
  return text + "\033\\";
}

// Picture 1, shown as placement 1: the one before it goes. In pieces, as the protocol wants them.
std::string drawn_by_kitty(std::span<const std::uint8_t> picture, const data::PictureShape& shape,
                           Letters letters) {
  constexpr std::size_t kPiece = 4096;
  std::vector<std::uint8_t> rgb;
  for (const std::uint8_t value : picture) rgb.insert(rgb.end(), shape.is_color() ? 1 : 3, value);
  const std::string data = base64(rgb);
  std::string text = "\033[H";
  for (std::size_t at = 0; at < data.size(); at += kPiece) {
    const int more = at + kPiece < data.size() ? 1 : 0;
    const std::string first = fmt::format("a=T,f=24,i=1,p=1,q=2,C=1,s={},v={},c={},r={},", shape.width,
                                          shape.height, letters.columns, letters.lines);
    fmt::format_to(std::back_inserter(text), "\033_G{}m={};{}\033\\", at == 0 ? first : "", more,
                   data.substr(at, kPiece));
  }
  return text;
}

}  // namespace

Drawing drawing_for(const TerminalAbility& ability, std::string_view term, std::string_view color_term,
                    std::string_view no_color) {
  if (ability.kitty) return Drawing::kKitty;
  if (ability.sixel) return Drawing::kSixel;
  if (!no_color.empty()) return Drawing::kPlain;
  if (color_term == "truecolor" || color_term == "24bit" || term.find("direct") != term.npos ||
      term.find("kitty") != term.npos)
    return Drawing::kColour;
  return term.find("256color") != term.npos ? Drawing::kGrays : Drawing::kPlain;
}

Letters letters_for(const data::PictureShape& shape, const TerminalAbility& ability, Letters most) {
  const auto columns_for = [&](int lines) {
    return std::max(1, lines * ability.cell_height * shape.width / (shape.height * ability.cell_width));
  };
  Letters letters{.columns = columns_for(most.lines), .lines = std::max(1, most.lines)};
  if (letters.columns <= most.columns) return letters;
  while (letters.lines > 1 && columns_for(letters.lines) > most.columns) --letters.lines;
  letters.columns = std::clamp(columns_for(letters.lines), 1, std::max(1, most.columns));
  return letters;
}

std::string drawn(std::span<const std::uint8_t> picture, const data::PictureShape& shape, Drawing drawing,
                  const TerminalAbility& ability, Letters letters) {
  switch (drawing) {
    case Drawing::kPlain:
      return drawn_in_letters({picture, shape, letters.columns, letters.lines}, drawing, letters.lines);
    case Drawing::kGrays:
    case Drawing::kColour:
      return drawn_in_letters({picture, shape, letters.columns, 2 * letters.lines}, drawing, letters.lines);
    case Drawing::kSixel:
      return drawn_in_sixels(picture, shape, letters.columns * ability.cell_width,
                             letters.lines * ability.cell_height);
    case Drawing::kKitty:
      return drawn_by_kitty(picture, shape, letters);
  }
  return {};
}

std::string_view removed(Drawing drawing) {
  return drawing == Drawing::kKitty ? "\033_Ga=d,d=A,q=2\033\\" : "";
}

}  // namespace mudra::report
