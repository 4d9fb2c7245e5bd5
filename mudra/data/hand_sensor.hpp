// From what the camera's pixels receive to the gray levels it reports: soft edges, glare and noise.
#pragma once

#include "mudra/base/random.hpp"
#include "mudra/data/hand_backdrop.hpp"

namespace mudra::data {

struct Sensor {
  float softness = 0.08f;  // share of a pixel's light that falls on each of its neighbours, in x and in y
  float glare = 0.02f;     // share of the light that the lens scatters over some ten pixels
  float noise = 0.8f;      // standard deviation in gray levels
};

Sensor draw_sensor(Random& random);

// `image` is used up.
void develop(const Sensor& sensor, FloatImage& image, Random noise, ImageOut out);

}  // namespace mudra::data
