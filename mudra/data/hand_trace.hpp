// Ray-traces a lit scene of rounded cones and skin into what the camera's pixels receive.
#pragma once

#include <vector>

#include "mudra/data/hand_backdrop.hpp"
#include "mudra/data/hand_camera.hpp"
#include "mudra/data/hand_shape.hpp"

namespace mudra::data {

// One flash beside the lens. A surface that faces it at `full_distance` has gray level `gain`.
struct Light {
  Vec lamp;
  float gain = 280;
  float full_distance = 200;    // mm
  float wrap = 0.2f;            // light that reaches surfaces turned away, as in skin and between fingers
  float facing_power = 0.8f;    // 1 is Lambert's law, less is flatter
  float falloff_power = 2;      // of distance
  float vignette_power = 1;     // of the cosine to the camera's axis
  float knee = 230, top = 250;  // gray levels above `knee` are pressed below `top`
};

// In the camera's axes.
struct Scene {
  std::vector<Cone> cones;
  std::vector<Web> webs;
};

struct Exposure {
  FloatImage level;     // gray levels of the scene, black where it does not cover the pixel
  FloatImage coverage;  // share of the pixel that the scene covers
};

// Four samples a pixel. Runs on the widest vectors of the processor; the bits do not depend on them.
void trace(const Scene& scene, const Camera& camera, const Light& light, Exposure& exposure);

}  // namespace mudra::data
