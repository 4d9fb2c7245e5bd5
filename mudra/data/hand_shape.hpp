// A hand as a solid: anatomy and joint angles in, rounded cones and the skin stretched between them out.
//
// Axes of the hand: x towards the thumb, y towards the finger tips, -z out of the palm. Origin at the wrist.
// Millimetres and degrees. It is a right hand.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_math.hpp"

namespace mudra::data {

enum FingerName { kIndexFinger, kMiddleFinger, kRingFinger, kLittleFinger, kFingers };

// The hull of two spheres; albedo 1 is skin.
struct Cone {
  Vec a, b;
  float radius_a = 0, radius_b = 0, albedo = 1;
};

// Skin stretched over three spheres: the two planes that touch all of them.
struct Web {
  std::array<Vec, 3> centre;
  std::array<float, 3> radius;
};

// Factors on the average hand's measures.
struct Anatomy {
  float size = 1, finger_length = 1, girth = 1, finger_girth = 1, palm_width = 1, thumb_length = 1;
  std::array<float, kFingers> finger{1, 1, 1, 1};  // each finger's length beyond finger_length
  // A ring on the first bone of one finger.
  bool wears_ring = false;
  int ring_finger = kRingFinger;
  float ring_albedo = 1;
};

Anatomy draw_anatomy(Random& random);

struct FingerPose {
  float knuckle = 0, middle = 0, tip = 0;  // bend of each joint towards the palm
  float spread = 0;                        // sideways at the knuckle, positive towards the thumb
  float lean = 0;                          // sideways share of the bending direction
};

// A thumb bone's direction: azimuth from +y towards +x, elevation out of the palm.
struct ThumbBone {
  float azimuth = 0, elevation = 0;
};

struct Pose {
  std::array<FingerPose, kFingers> finger;
  std::array<ThumbBone, 3> thumb;
  // Where the thumb's tip is brought to: 0 the last joint of the index finger, 1 its tip. Then the directions
  // of its second and third bone follow from that.
  std::optional<float> pinch;
  float yaw = 0, pitch = 0, roll = 0;  // of the whole hand, see Rotation
};

struct Hand {
  std::vector<Cone> palm;
  std::array<std::array<Cone, 3>, kFingers> finger;
  std::array<Cone, 3> thumb;
  std::vector<Cone> jewellery;
  std::vector<Web> webs;

  Vec tip(int name) const { return finger[static_cast<std::size_t>(name)][2].b; }
  Vec thumb_tip() const { return thumb[2].b; }
  Vec knuckle(int name) const { return finger[static_cast<std::size_t>(name)][0].a; }
};

Hand build_hand(const Pose& pose, const Anatomy& anatomy);

}  // namespace mudra::data
