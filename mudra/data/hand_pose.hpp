// The eight gestures as joint angles: how people form them, and how widely they differ.
#pragma once

#include "mudra/data/hand_shape.hpp"
#include "mudra/data/hand_variation.hpp"

namespace mudra::data {

// In the order of kGestureNames.
enum Gesture { kPalm, kL, kFist, kThumb, kIndex, kOk, kC, kDown };

Pose draw_pose(Gesture gesture, Variation& vary);

}  // namespace mudra::data
