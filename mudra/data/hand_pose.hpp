// The eight gestures as joint angles: how people form them, and how widely they differ.
#pragma once

#include "mudra/data/hand_shape.hpp"
#include "mudra/data/hand_variation.hpp"

namespace mudra::data {

// In the order of kGestureNames; no gesture comes last.
enum Gesture { kPalm, kL, kFist, kThumb, kIndex, kOk, kC, kDown, kNone };

// Where the camera is: on the table below the hand, as LeapGestRecog's, or in front of the person, where
// hands are held more freely and an open hand spreads its fingers.
enum class View { kFromBelow, kFromFront };

// Of kNone, any hand that makes none of the eight: relaxed, half closed, counting, between two gestures.
Pose draw_pose(Gesture gesture, View view, Variation& vary);

}  // namespace mudra::data
