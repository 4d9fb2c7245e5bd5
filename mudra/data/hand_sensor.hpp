// From what the camera's pixels receive to the gray levels it reports: soft edges, glare, noise, and what a
// compressed transmission loses.
#pragma once

#include "mudra/base/random.hpp"
#include "mudra/data/hand_canvas.hpp"

namespace mudra::data {

struct Sensor {
  float blur = 0.4f;           // standard deviation in pixels
  PicturePoint motion;         // of the hand and all else while the picture is taken, in pixels
  float glare = 0.02f;         // share of the light that the lens scatters over some ten pixels
  float gain = 1, offset = 0;  // exposure: applied to gray levels, which are clipped then
  float noise = 0.8f;          // standard deviation in gray levels
  float loss = 0;              // the step that DCT coefficients of 8x8 blocks are rounded to; 0: none
};

Sensor draw_infrared_sensor(Random& random);
Sensor draw_sensor(Random& random);  // of an ordinary camera

// `image` is used up.
void develop(const Sensor& sensor, FloatImage& image, Random noise, ImageOut out);

}  // namespace mudra::data
