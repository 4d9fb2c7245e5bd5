// Small pictures of hands for the terminal.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "mudra/data/dataset.hpp"

namespace mudra::report {

enum class TerminalStyle {
  kColour,  // two pixels per character: U+2580 in 24-bit colour
  kPlain,   // one of ten ASCII characters, dark to bright
};

// kColour when stdout is a terminal that shows it: TERM is not "dumb" and NO_COLOR is unset or empty
// (no-color.org).
TerminalStyle terminal_style();

// The picture averaged down to 32 columns and 16 lines, each ending in a newline.
std::string terminal_image(std::span<const std::uint8_t> image, const data::PictureShape& shape,
                           TerminalStyle style);

}  // namespace mudra::report
