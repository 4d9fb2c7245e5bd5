// A picture that is drawn on a terminal again and again, as sharp as the terminal can.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mudra/base/terminal.hpp"
#include "mudra/data/dataset.hpp"

namespace mudra::report {

enum class Drawing {
  kPlain,   // ASCII, dark to bright
  kGrays,   // two pixels per letter (U+2580) in the grays of 256 colours
  kColour,  // the same in 24-bit colour
  kSixel,   // pixels, as DEC's terminals have them
  kKitty,   // pixels, by kitty's protocol
};

// The best that a terminal can, by what it answers and the variables TERM, COLORTERM and NO_COLOR ("" if
// unset).
Drawing drawing_for(const TerminalAbility& ability, std::string_view term, std::string_view color_term,
                    std::string_view no_color);

// How many letters a picture of this shape takes, in its proportions, of at most these.
struct Letters {
  int columns = 0, lines = 0;
};
Letters letters_for(const data::PictureShape& shape, const TerminalAbility& ability, Letters most);

// What draws the picture with its upper left corner in that of the screen, in as many letters. It ends
// anywhere, in the terminal's own colours.
std::string drawn(std::span<const std::uint8_t> picture, const data::PictureShape& shape, Drawing drawing,
                  const TerminalAbility& ability, Letters letters);

// What removes a picture that stays when the screen is left: kitty's.
std::string_view removed(Drawing drawing);

}  // namespace mudra::report
