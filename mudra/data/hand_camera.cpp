#include "mudra/data/hand_camera.hpp"

#include <algorithm>

namespace mudra::data {
namespace {

struct Box {
  float left = 1e9f, right = -1e9f, top = 1e9f, bottom = -1e9f;

  void cover(PicturePoint at, float half_width = 0, float half_height = 0) {
    left = std::min(left, at.x - half_width), right = std::max(right, at.x + half_width);
    top = std::min(top, at.y - half_height), bottom = std::max(bottom, at.y + half_height);
  }
};

// The box around the far ends of cones.
template <typename Cones>
void cover_ends(Box& box, const Cones& cones, const Camera& camera) {
  for (const Cone& cone : cones) {
    const float z = std::max(cone.b.z, 20.0f);
    box.cover(camera.project(cone.b), cone.radius_b * camera.focal_x / z, cone.radius_b * camera.focal_y / z);
  }
}

float nearest_depth(const Hand& hand, const Rotation& turn) {
  float nearest = 1e9f;
  const auto look = [&](const Cone& cone) {
    nearest = std::min({nearest, turn(cone.a).z - cone.radius_a, turn(cone.b).z - cone.radius_b});
  };
  for (const Cone& cone : hand.palm) look(cone);
  for (const auto& finger : hand.finger)
    for (const Cone& cone : finger) look(cone);
  for (const Cone& cone : hand.thumb) look(cone);
  return nearest;
}

// Whether a bone hides the point of the picture, judged by flat capsules.
bool hides(const Cone& bone, const Camera& camera, PicturePoint point) {
  const float squeeze = camera.focal_y / camera.focal_x;  // makes x as large as y
  const auto flat = [&](PicturePoint at) { return Vec{(at.x - point.x) * squeeze, at.y - point.y, 0}; };
  const Vec a = flat(camera.project(bone.a)), along = flat(camera.project(bone.b)) - a;
  const float share = std::clamp(-dot(a, along) / std::max(1e-6f, dot(along, along)), 0.0f, 1.0f);
  const float depth = std::max(mix(bone.a, bone.b, share).z, Camera::kNearest);
  const float radius = bone.radius_a + share * (bone.radius_b - bone.radius_a);
  return length(a + along * share) < radius * camera.focal_y / depth;
}

// Whether the thumb touches the last bone of the index finger.
bool ring_is_closed(const Hand& hand) {
  const Cone& bone = hand.finger[kIndexFinger][2];
  const Vec along = bone.b - bone.a, reach = hand.thumb_tip() - bone.a;
  const float share = std::clamp(dot(reach, along) / dot(along, along), 0.0f, 1.0f);
  return length(reach - along * share) < 13;
}

// Whether the hole between thumb and index finger can be looked through.
bool hole_is_open(const Hand& hand, const Camera& camera) {
  const auto& index = hand.finger[kIndexFinger];
  const Vec hole = (index[1].a + index[2].a + hand.thumb[1].a + hand.thumb[2].a) * 0.25f;
  const PicturePoint point = camera.project(hole);
  const auto any_hides = [&](const auto& bones) {
    return std::any_of(bones.begin(), bones.end(),
                       [&](const Cone& bone) { return hides(bone, camera, point); });
  };
  return !any_hides(hand.palm) && !any_hides(hand.thumb) &&
         std::none_of(hand.finger.begin(), hand.finger.end(), any_hides);
}

}  // namespace

Camera draw_camera(Random& random) {
  Camera camera;
  camera.focal_x = random.uniform(24, 44);
  camera.focal_y = camera.focal_x * random.uniform(1.25f, 1.6f);
  camera.centre_x = normal(random, 48, 2);
  camera.centre_y = normal(random, 48, 2);
  camera.bend = random.uniform(0.03f, 0.54f);
  return camera;
}

Rotation::Rotation(float yaw, float pitch, float roll) {
  const auto turn = [&](Vec v) {
    v = {v.x * cosine(yaw) - v.z * sine(yaw), v.y, v.x * sine(yaw) + v.z * cosine(yaw)};
    v = {v.x, v.y * cosine(pitch) - v.z * sine(pitch), v.y * sine(pitch) + v.z * cosine(pitch)};
    return Vec{v.x * cosine(roll) + v.y * sine(roll), v.y * cosine(roll) - v.x * sine(roll), v.z};
  };
  x_ = turn({1, 0, 0}), y_ = turn({0, 1, 0}), z_ = turn({0, 0, 1});
}

Hand place_hand(const Hand& hand, const Rotation& turn, Vec shift) {
  Hand placed = hand;
  const auto place = [&](Cone& cone) { cone.a = turn(cone.a) + shift, cone.b = turn(cone.b) + shift; };
  for (Cone& cone : placed.palm) place(cone);
  for (auto& finger : placed.finger)
    for (Cone& cone : finger) place(cone);
  for (Cone& cone : placed.thumb) place(cone);
  for (Cone& cone : placed.jewellery) place(cone);
  for (Web& web : placed.webs)
    for (Vec& centre : web.centre) centre = turn(centre) + shift;
  return placed;
}

Vec find_shift(const Hand& hand, const Rotation& turn, const Camera& camera, float depth,
               PicturePoint centre) {
  constexpr float kClearance = 45;  // between the lens and the skin
  const Vec middle = mix(hand.palm[kMiddleFinger].a, hand.palm[kMiddleFinger].b, 0.75f);
  Vec shift{0, 0, std::max(depth - turn(middle).z, kClearance - nearest_depth(hand, turn))};
  for (int pass = 0; pass < 3; ++pass) {  // moving changes the perspective a little
    Box box;
    const auto cover = [&](Vec point) { box.cover(camera.project(turn(point) + shift)); };
    for (int f = 0; f < kFingers; ++f) cover(hand.tip(f));
    cover(hand.thumb_tip());
    cover(hand.thumb[0].b);
    cover(hand.knuckle(kLittleFinger));
    cover({0, 0, 0});
    shift.x += (centre.x - 0.5f * (box.left + box.right)) / camera.focal_x * depth;
    shift.y -= (centre.y - 0.5f * (box.top + box.bottom)) / camera.focal_y * depth;
  }
  return shift;
}

bool shows_gesture(Gesture gesture, const Hand& hand, const Camera& camera) {
  Box index, others, palm, thumb;
  cover_ends(index, hand.finger[kIndexFinger], camera);
  for (std::size_t f = kMiddleFinger; f < kFingers; ++f) cover_ends(others, hand.finger[f], camera);
  cover_ends(palm, hand.palm, camera);
  cover_ends(thumb, hand.thumb, camera);
  const float right = std::max({index.right, others.right, palm.right});
  const float top = std::min(index.top, others.top);
  switch (gesture) {
    case kPalm:
      return thumb.right < right + 9;
    case kL:
      return index.top < others.top - 6 && thumb.right > others.right + 5 && thumb.right > index.right + 2;
    case kFist:
      return thumb.right < right + 5 && thumb.top > top - 3;
    case kThumb:
      return thumb.right > right + 3;
    case kIndex:
      return index.top < others.top - 3 && index.top < thumb.top - 3 && thumb.right < right + 4;
    case kOk:
      return ring_is_closed(hand) && hole_is_open(hand, camera);
    case kC:
      return true;
    case kDown: {  // the thumb ends low: nearer to the wrist than to the knuckles
      const float tip = camera.project(hand.thumb_tip()).y;
      const float wrist = camera.project(hand.palm[kMiddleFinger].a).y;
      const float knuckles = camera.project(hand.knuckle(kMiddleFinger)).y;
      return tip > mix({knuckles}, {wrist}, 0.6f).x;
    }
  }
  return true;
}

}  // namespace mudra::data
