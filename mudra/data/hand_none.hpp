// Pictures that show no hand.
#pragma once

#include "mudra/base/random.hpp"
#include "mudra/data/hand_canvas.hpp"

namespace mudra::data {

// A test picture or a faulty one: plain, saturated, noise, a gradient, stripes or a chequerboard.
void paint_pattern(Random& random, FloatImage& image);

// Bright shapes in the dark, as the flash of a near-infrared camera makes of things.
void paint_things_in_the_dark(Random& random, FloatImage& image);

}  // namespace mudra::data
