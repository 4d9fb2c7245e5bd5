// Ray-traces a lit scene of rounded cones and skin into what the camera's pixels receive.
#pragma once

#include <vector>

#include "mudra/data/hand_backdrop.hpp"
#include "mudra/data/hand_camera.hpp"
#include "mudra/data/hand_light.hpp"
#include "mudra/data/hand_shape.hpp"

namespace mudra::data {

// In the camera's axes.
struct Scene {
  std::vector<Cone> cones;
  std::vector<Web> webs;
  Vec middle;  // of the hand; the lamp's shadows are cast around it
};

struct Exposure {
  FloatImage level;     // gray levels of the scene, black where it does not cover the pixel
  FloatImage coverage;  // share of the pixel that the scene covers
};

// Four samples a pixel; what lies behind something in the lamp's light is in its shadow. Runs on the widest
// vectors of the processor; the bits do not depend on them.
void trace(const Scene& scene, const Camera& camera, const Light& light, Exposure& exposure);

}  // namespace mudra::data
