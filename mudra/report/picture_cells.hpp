// A picture in cells for a terminal, each the mean of its pixels, and what draws one.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mudra/data/dataset.hpp"
#include "mudra/data/image.hpp"

namespace mudra::report {

using CellColor = std::array<std::uint8_t, 3>;  // red, green, blue

// `columns` x `rows` cells, each of one pixel at least.
struct PictureCells {
  std::span<const std::uint8_t> picture;  // shape.bytes()
  data::PictureShape shape;
  int columns, rows;

  std::uint8_t mean(int column, int row, int channel) const {
    const int left = column * shape.width / columns, top = row * shape.height / rows;
    const int right = std::max(left + 1, (column + 1) * shape.width / columns);
    const int bottom = std::max(top + 1, (row + 1) * shape.height / rows);
    int sum = 0;
    for (int y = top; y < bottom; ++y)
      for (int x = left; x < right; ++x)
        sum += picture[static_cast<std::size_t>((y * shape.width + x) * shape.channels + channel)];
    const int pixels = (right - left) * (bottom - top);
    return static_cast<std::uint8_t>((sum + pixels / 2) / pixels);
  }

  CellColor color(int column, int row) const {
    const std::uint8_t first = mean(column, row, 0);
    if (!shape.is_color()) return {first, first, first};
    return {first, mean(column, row, 1), mean(column, row, 2)};
  }
};

inline std::uint8_t gray_of(const CellColor& color) { return data::gray_of(color[0], color[1], color[2]); }

// One of ten ASCII characters, dark to bright.
inline char plain_letter(const CellColor& color) {
  constexpr std::string_view kRamp = " .:-=+*#%@";
  return kRamp[gray_of(color) * kRamp.size() / 256];
}

// Two cells in one character, U+2580, in 24-bit colour.
inline std::string colour_letter(const CellColor& upper, const CellColor& lower) {
  return fmt::format("\033[38;2;{};{};{};48;2;{};{};{}m\u2580", upper[0], upper[1], upper[2], lower[0],
                     lower[1], lower[2]);
}

}  // namespace mudra::report
