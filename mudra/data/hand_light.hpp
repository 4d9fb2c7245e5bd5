// What lights a hand, and how bright it makes the surfaces that a camera sees.
#pragma once

#include <variant>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_math.hpp"

namespace mudra::data {

// Gray levels above `knee` are pressed below `top`.
struct Film {
  float knee = 230, top = 250;
};

// One flash beside the lens of a near-infrared camera. A surface that faces it at `full_distance` has gray
// level `gain`.
struct Flash {
  Vec lamp;
  float gain = 280;
  float full_distance = 200;  // mm
  float wrap = 0.2f;          // light that reaches surfaces turned away, as in skin and between fingers
  float facing_power = 0.8f;  // 1 is Lambert's law, less is flatter
  float falloff_power = 2;    // of distance
  float vignette_power = 1;   // of the cosine to the camera's axis
  Film film;
};

// The sun, a window or a lamp, and light from all around, as an ordinary camera sees them. A surface in full
// light has gray level `skin`.
struct Daylight {
  Vec key{0, 0, -1};  // unit direction to the lamp
  float skin = 150;
  float key_share = 0.5f;  // of the light; the rest comes from all around
  float wrap = 0.2f;       // as Flash's
  float shadow = 0.7f;     // share of the lamp's light that a hand takes from what lies behind it
  Vec sky{0, 1, 0};        // unit direction that most of the light from all around comes from
  float sky_share = 0.4f;  // of that light
  float edge = 0.3f;       // share of it that surfaces turned away from the camera miss, as in gaps
  float contrast = 0.7f;   // the power of light that gray levels follow
  float gloss = 20;        // gray levels of a highlight
  float gloss_power = 12;  // the larger, the smaller
  Film film;
};

using Light = std::variant<Flash, Daylight>;

Flash draw_flash(Random& random);
Daylight draw_daylight(Random& random);

}  // namespace mudra::data
