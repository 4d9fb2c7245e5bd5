// A small built-in font for labels in pictures: capitals, digits and a little punctuation, 5 x 7 dots.
#pragma once

#include <string_view>

#include "mudra/data/image.hpp"

namespace mudra::data {

inline constexpr int kGlyphWidth = 6, kGlyphHeight = 8;  // with one dot of space

// Writes `text` in white into an image, its top left corner at (x, y), each dot `dot` pixels wide; parts
// outside the image are cut. Small letters are drawn as capitals, characters the font lacks as boxes.
void draw_text(Image& image, int x, int y, int dot, std::string_view text);

}  // namespace mudra::data
