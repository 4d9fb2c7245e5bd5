// What is behind a hand in ordinary light: walls, things, cloth, a face.
#pragma once

#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_canvas.hpp"

namespace mudra::data {

struct Room {
  float level = 128;
  float slope_x = 0, slope_y = 0;  // brighter at the right and lower border, gray levels
  float vignette = 0;              // brighter in the corners
  float grain = 0, grain_cell = 8, fine_grain = 0;
  Stripes stripes;
  std::vector<Patch> patches;
  float blur = 0;  // out of focus, standard deviation in pixels
  std::uint64_t grain_seed = 0;
};

// Empty to crowded; sometimes a person, whose skin has about the gray level `skin`.
Room draw_room(Random& random, float skin);

// A head, its neck and shoulders.
void add_bust(Room& room, float skin, Random& random);

void paint_room(const Room& room, FloatImage& image);

}  // namespace mudra::data
