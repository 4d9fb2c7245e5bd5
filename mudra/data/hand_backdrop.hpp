// What is behind the hand: a dark room with faint ghosts of a person, lamps and the ceiling.
#pragma once

#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_canvas.hpp"

namespace mudra::data {

// An elliptic spot, in pixels.
struct Ghost {
  float x = 0, y = 0, radius_x = 1, radius_y = 1;
  float turn = 0;      // degrees
  float level = 0;     // gray levels added in the middle, may be negative
  float hardness = 0;  // 0: fades from the middle on; 1: flat with an edge
};

struct Backdrop {
  float level = 6;
  std::vector<Ghost> ghosts;
};

Backdrop draw_backdrop(Random& random);

void paint_backdrop(const Backdrop& backdrop, FloatImage& image);

}  // namespace mudra::data
