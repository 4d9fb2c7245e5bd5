// One shot: a person's hand in a gesture, put in front of the camera so that the gesture can be seen.
#pragma once

#include "mudra/data/hand_person.hpp"
#include "mudra/data/hand_pose.hpp"
#include "mudra/data/hand_shape.hpp"
#include "mudra/data/hand_variation.hpp"
#include "mudra/data/synthetic_hands.hpp"

namespace mudra::data {

// In the camera's axes.
struct Shot {
  Hand hand;
  Vec wrist, hand_x, hand_y;  // the hand's origin and two of its axes
  float farther = 1;          // than the person's usual distance, factor
};

// The two cameras of the device, side by side.
enum class Side { kLeft, kRight };

Shot draw_shot(const Person& person, Gesture gesture, Side camera, Variation& vary);

// Whether the part that makes the gesture can be seen, or whether the label would be a lie.
bool shows_gesture(Gesture gesture, View view, const Hand& hand, const Camera& camera);

// Draws shots until one shows its gesture; the last resort is the gesture's mean pose, which does.
Shot take_shot(const Person& person, const HandId& id);

}  // namespace mudra::data
