// A picture while it is drawn, and what is drawn on it flat: shapes, textures, blur.
#pragma once

#include <array>

#include "mudra/base/random.hpp"
#include "mudra/data/dataset.hpp"
#include "mudra/data/hand_camera.hpp"

namespace mudra::data {

using FloatImage = std::array<float, kImagePixels>;  // gray levels 0 to 255, as ImageView

// A flat shape in front of what was drawn before. Pixels; angles in degrees, clockwise.
struct Patch {
  PicturePoint middle;
  float half_width = 10, half_height = 10, turn = 0;
  bool is_round = true;  // an ellipse, else a box
  float level = 128;     // gray level in its middle
  float slope = 0;       // how much brighter it is at the end of its height
  float softness = 1;    // width of its edge
  float opacity = 1;
};

void paint(const Patch& patch, FloatImage& image);

// Adds smooth noise between -amplitude and amplitude, whose grains are `cell` >= 1 pixels apart.
void add_grain(FloatImage& image, float amplitude, float cell, Random& random);

// Waves between -amplitude and amplitude: stripes, or a chequered cloth.
struct Stripes {
  float amplitude = 0;
  float period = 10, phase = 0;  // pixels; a phase moves them
  float turn = 0;                // degrees
  float edge = 0;                // 0 is a sine, 1 nearly a step
  bool is_chequered = false;
};

void add_stripes(const Stripes& stripes, FloatImage& image);

// Close to a Gaussian of standard deviation `sigma` pixels; the border is repeated beyond it.
void blur(FloatImage& image, float sigma);

// The mean along the line from -motion/2 to motion/2.
void smear(FloatImage& image, PicturePoint motion);

void mirror(FloatImage& image);  // left and right

}  // namespace mudra::data
