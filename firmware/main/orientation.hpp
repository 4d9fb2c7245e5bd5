// How a camera is mounted, and its pictures set upright in their place.
#pragma once

#include <cstdint>

namespace mudra::firmware {

struct Orientation {
  bool vflip = false, mirror = false;  // upside down, left to right
  int quarter_turns = 0;               // after that, clockwise: 0 to 3

  bool is_none() const { return !vflip && !mirror && quarter_turns == 0; }
  // A quarter turn keeps its place only in a square.
  bool needs_square() const { return quarter_turns % 2 != 0; }
};

// As menuconfig says.
Orientation configured_orientation();

// Of pixels of 1 or 2 bytes, without gaps. Precondition: width == height if orientation.needs_square().
void orient(std::uint8_t* pixels, int width, int height, int pixel_bytes, Orientation orientation);

}  // namespace mudra::firmware
