// The forearm below the hand, bare or in a sleeve, and what is worn around the wrist.
#pragma once

#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_shape.hpp"

namespace mudra::data {

// A person's arm and clothes. Lengths in millimetres, angles in degrees.
struct Arm {
  float lean = 10;  // of the elbow to the left
  float away = 20;  // of the elbow from the camera
  float girth = 1;  // factor
  bool has_sleeve = false;
  float sleeve_start = 40, sleeve_looseness = 8, sleeve_albedo = 0.5f, cuff_wire = 3, cuff_albedo = 0.5f;
  bool has_bracelet = false;
  float bracelet_place = 20, bracelet_looseness = 5, bracelet_wire = 2, bracelet_albedo = 1;
};

Arm draw_arm(Random& random);
// In front of a camera at eye level, in clothes of any brightness.
Arm draw_raised_arm(Random& random);

// Adds the arm's cones in the camera's axes: `wrist` is the hand's origin there, `hand_x` and `hand_y` its
// axes.
void add_arm(std::vector<Cone>& cones, const Arm& arm, const Anatomy& anatomy, Vec wrist, Vec hand_x,
             Vec hand_y);

}  // namespace mudra::data
