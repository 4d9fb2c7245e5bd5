#include "mudra/data/hand_shape.hpp"

#include <algorithm>

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

// An adult's right hand in millimetres; index, middle, ring and little finger.
constexpr float kBoneLength[kFingers][3] = {{41, 25, 18}, {45, 28, 19}, {42, 27, 19}, {33, 20, 17}};
constexpr float kJointRadius[kFingers][4] = {{11.6f, 10.4f, 9.2f, 7.2f},
                                             {11.8f, 10.6f, 9.4f, 7.4f},
                                             {11.3f, 10.1f, 9.0f, 7.0f},
                                             {10.2f, 9.0f, 7.9f, 6.2f}};
constexpr Vec kKnuckle[kFingers] = {{32, 88, 2}, {10, 91, 2}, {-12, 86, 2}, {-33, 76, 2}};
constexpr Vec kPalmBase[kFingers] = {{20, 6, 0}, {7, 6, 0}, {-8, 6, 0}, {-22, 6, 0}};
constexpr float kBaseRadius = 16.5f, kKnuckleRadius = 12.5f;
constexpr Vec kThumbRoot{17, 14, -7};
constexpr float kThumbBoneLength[3] = {45, 33, 26};

Vec widen(Vec v, float factor) { return {v.x * factor, v.y, v.z}; }

Vec direction(ThumbBone bone) {
  const float flat = cosine(bone.elevation);
  return {sine(bone.azimuth) * flat, cosine(bone.azimuth) * flat, -sine(bone.elevation)};
}

Web web(const Cone& p, bool p_at_b, const Cone& q, bool q_at_b, const Cone& r, bool r_at_b) {
  const auto centre = [](const Cone& cone, bool at_b) { return at_b ? cone.b : cone.a; };
  const auto radius = [](const Cone& cone, bool at_b) { return at_b ? cone.radius_b : cone.radius_a; };
  return {{centre(p, p_at_b), centre(q, q_at_b), centre(r, r_at_b)},
          {radius(p, p_at_b), radius(q, q_at_b), radius(r, r_at_b)}};
}

void add_palm(Hand& hand, const Anatomy& anatomy) {
  for (int f = 0; f < kFingers; ++f)
    hand.palm.push_back({widen(kPalmBase[f], anatomy.palm_width), widen(kKnuckle[f], anatomy.palm_width),
                         kBaseRadius * anatomy.girth, kKnuckleRadius * anatomy.girth, 1});
  for (std::size_t f = 0; f + 1 < kFingers; ++f) {
    const Cone &near = hand.palm[f], &far = hand.palm[f + 1];
    hand.webs.push_back(web(near, false, far, false, near, true));
    hand.webs.push_back(web(far, false, far, true, near, true));
  }
  // The ball of the little finger.
  hand.palm.push_back({widen({-20, 12, -6}, anatomy.palm_width), widen({-30, 58, -3}, anatomy.palm_width),
                       16.0f * anatomy.girth, 13.5f * anatomy.girth, 1});
}

std::array<Cone, 3> build_finger(int f, const FingerPose& pose, const Anatomy& anatomy) {
  const Vec forward{sine(pose.spread), cosine(pose.spread), 0}, palmward = unit(Vec{pose.lean, 0, -1});
  const float bend[3] = {pose.knuckle, pose.knuckle + pose.middle, pose.knuckle + pose.middle + pose.tip};
  const float scale = anatomy.finger_length * anatomy.finger[static_cast<std::size_t>(f)];
  const float girth = anatomy.girth * anatomy.finger_girth;
  std::array<Cone, 3> bones;
  Vec at = widen(kKnuckle[f], anatomy.palm_width);
  for (int j = 0; j < 3; ++j) {
    const Vec next =
        at + (forward * cosine(bend[j]) + palmward * sine(bend[j])) * (kBoneLength[f][j] * scale);
    bones[static_cast<std::size_t>(j)] = {at, next, kJointRadius[f][j] * girth,
                                          kJointRadius[f][j + 1] * girth, j == 2 ? 0.94f : 1.0f};
    at = next;
  }
  return bones;
}

void add_thumb(Hand& hand, const Pose& pose, const Anatomy& anatomy) {
  const Vec root = widen(kThumbRoot, anatomy.palm_width);
  const float first = kThumbBoneLength[0] * anatomy.thumb_length;
  const float second = kThumbBoneLength[1] * anatomy.thumb_length;
  const float third = kThumbBoneLength[2] * anatomy.thumb_length;
  const Vec knuckle = root + direction(pose.thumb[0]) * first;
  Vec joint = knuckle + direction(pose.thumb[1]) * second, end = joint + direction(pose.thumb[2]) * third;
  if (pose.pinch) {  // two bones reach for the underside of the index finger, their joint outwards
    const Cone& last = hand.finger[kIndexFinger][2];
    const Vec reach = mix(last.a, last.b, *pose.pinch) + Vec{0, -9, -2} - knuckle;
    const float far = std::clamp(length(reach), std::abs(second - third) + 1.0f, second + third - 0.5f);
    const Vec along = unit(reach), side = unit_across({0.35f, -1, 0}, along);
    const float x = (second * second - third * third + far * far) / (2 * far);
    joint = knuckle + along * x + side * std::sqrt(std::max(0.0f, second * second - x * x));
    end = knuckle + along * far;
  }
  const float g = anatomy.girth, t = anatomy.girth * anatomy.finger_girth;
  hand.thumb = {{{root, knuckle, 18.0f * g, 12.5f * g, 1},
                 {knuckle, joint, 11.5f * t, 9.4f * t, 1},
                 {joint, end, 9.6f * t, 6.2f * t, 1}}};
  // The fold between thumb and index finger.
  hand.palm.push_back({widen({14, 28, -4}, anatomy.palm_width),
                       mix(knuckle, hand.knuckle(kIndexFinger), 0.5f) + Vec{-3, -8, 0}, 17 * g, 11 * g, 1});
  const Cone& fold = hand.palm.back();
  hand.webs.push_back(web(hand.thumb[0], false, hand.thumb[0], true, fold, true));
  hand.webs.push_back(web(hand.palm[kIndexFinger], true, hand.palm[kIndexFinger], false, fold, true));
}

void scale_hand(Hand& hand, float size) {
  const auto scale = [size](Cone& cone) {
    cone.a = cone.a * size, cone.b = cone.b * size;
    cone.radius_a *= size, cone.radius_b *= size;
  };
  for (Cone& cone : hand.palm) scale(cone);
  for (auto& finger : hand.finger)
    for (Cone& cone : finger) scale(cone);
  for (Cone& cone : hand.thumb) scale(cone);
  for (Cone& cone : hand.jewellery) scale(cone);
  for (Web& each : hand.webs)
    for (std::size_t i = 0; i < 3; ++i) each.centre[i] = each.centre[i] * size, each.radius[i] *= size;
}

}  // namespace

Anatomy draw_anatomy(Random& random) {
  Anatomy anatomy;
  anatomy.size = normal(random, 1, 0.07f);
  anatomy.finger_length = normal(random, 0.98f, 0.07f);
  anatomy.girth = normal(random, 1.03f, 0.08f);
  anatomy.finger_girth = normal(random, 1.07f, 0.07f);
  anatomy.palm_width = normal(random, 1.02f, 0.07f);
  anatomy.thumb_length = normal(random, 1, 0.07f);
  for (float& length : anatomy.finger) length = normal(random, 1, 0.04f);
  anatomy.wears_ring = random.chance(0.15f);
  anatomy.ring_finger = static_cast<int>(random.below(kFingers));
  anatomy.ring_albedo = random.uniform(0.2f, 1.8f);
  return anatomy;
}

Hand build_hand(const Pose& pose, const Anatomy& anatomy) {
  Hand hand;
  add_palm(hand, anatomy);
  for (int f = 0; f < kFingers; ++f) {
    const auto i = static_cast<std::size_t>(f);
    hand.finger[i] = build_finger(f, pose.finger[i], anatomy);
  }
  add_thumb(hand, pose, anatomy);
  if (anatomy.wears_ring) {
    const Cone& bone = hand.finger[static_cast<std::size_t>(anatomy.ring_finger)][0];
    const float radius = 0.53f * (bone.radius_a + bone.radius_b);
    hand.jewellery.push_back(
        {mix(bone.a, bone.b, 0.42f), mix(bone.a, bone.b, 0.5f), radius, radius, anatomy.ring_albedo});
  }
  scale_hand(hand, anatomy.size);
  return hand;
}

}  // namespace mudra::data
