#include "mudra/data/hand_shot.hpp"

#include <algorithm>
#include <array>

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

// Whether all of the fingers can be seen.
bool in_picture(const Hand& hand, const Camera& camera) {
  constexpr float kBeyond = 2;  // pixels
  Box box;
  for (int f = 0; f < kFingers; ++f) box.cover(camera.project(hand.tip(f)));
  box.cover(camera.project(hand.thumb_tip()));
  box.cover(camera.project(hand.knuckle(kLittleFinger)));
  return box.left > -kBeyond && box.top > -kBeyond && box.right < kImageSide + kBeyond &&
         box.bottom < kImageSide + kBeyond;
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

bool any_hides(const auto& bones, const Camera& camera, PicturePoint point) {
  return std::ranges::any_of(bones, [&](const Cone& bone) { return hides(bone, camera, point); });
}

// Whether the point of the picture lies beside the palm and the fingers.
bool is_beside(const Hand& hand, const Camera& camera, PicturePoint point) {
  return !any_hides(hand.palm, camera, point) && std::ranges::none_of(hand.finger, [&](const auto& bones) {
    return any_hides(bones, camera, point);
  });
}

// Whether the hole between thumb and index finger can be looked through, in its middle or towards the tips.
bool hole_is_open(const Hand& hand, const Camera& camera) {
  const auto& index = hand.finger[kIndexFinger];
  const Vec middle = (index[1].a + index[2].a + hand.thumb[1].a + hand.thumb[2].a) * 0.25f;
  for (const float towards_tips : {0.0f, 0.25f, 0.5f}) {
    const PicturePoint point = camera.project(mix(middle, hand.thumb_tip(), towards_tips));
    if (!any_hides(hand.thumb, camera, point) && is_beside(hand, camera, point)) return true;
  }
  return false;
}

// The hand as the camera has it.
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

// The shift that puts the middle of the turned hand at `depth` and the centre of its box in the picture at
// `centre`.
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

}  // namespace

bool shows_gesture(Gesture gesture, View view, const Hand& hand, const Camera& camera) {
  Box index, others, palm, thumb, tip;
  cover_ends(index, hand.finger[kIndexFinger], camera);
  for (std::size_t f = kMiddleFinger; f < kFingers; ++f) cover_ends(others, hand.finger[f], camera);
  cover_ends(palm, hand.palm, camera);
  cover_ends(thumb, hand.thumb, camera);
  cover_ends(tip, std::array{hand.thumb[2]}, camera);
  const float right = std::max({index.right, others.right, palm.right});
  const float top = std::min(index.top, others.top);
  const Cone& bone = hand.finger[kIndexFinger][0];
  const float finger = 2 * bone.radius_a * camera.focal_x / std::max(bone.a.z, 20.0f);  // a finger's width
  // How far the thumb's end is from the knuckles (0) to the wrist (1).
  const float wrist = camera.project(hand.palm[kMiddleFinger].a).y;
  const float knuckles = camera.project(hand.knuckle(kMiddleFinger)).y;
  const float thumb_low = (camera.project(hand.thumb_tip()).y - knuckles) / std::max(1.0f, wrist - knuckles);
  if (view == View::kFromFront && gesture != kNone && !in_picture(hand, camera)) return false;
  switch (gesture) {
    case kPalm:
      return view == View::kFromBelow ? thumb.right < right + 9 : thumb_low < 0.55f;
    case kL:
      return index.top < others.top - 6 && thumb.right > others.right + 5 && thumb.right > palm.right + 2 &&
             thumb.right > index.right + 2;
    case kFist:
      return tip.right < right + 1.2f * finger && thumb.top > top - 3;
    case kThumb:  // from the front it points anywhere, and its last bone is seen beside the others
      return view == View::kFromFront ? is_beside(hand, camera, camera.project(hand.thumb[2].a)) &&
                                            is_beside(hand, camera, camera.project(hand.thumb_tip()))
                                      : tip.right > right + 1.2f * finger;
    case kIndex:
      return index.top < others.top - 3.5f && index.top < thumb.top - 3 && tip.right < right + 1.2f * finger;
    case kOk:  // from the front thumb and finger may lie upon each other
      return ring_is_closed(hand) && (view == View::kFromFront || hole_is_open(hand, camera));
    case kC:  // no thumb below the hook that could be the one of "down"
      return tip.right < std::max(index.right, others.right) + 0.5f * finger;
    case kDown:  // the thumb ends low, and beside the wrist or below it
      return thumb_low > 0.6f && (tip.right > palm.right + 0.8f * finger || thumb_low > 1.1f);
    case kNone:
      break;
  }
  return true;
}

Shot draw_shot(const Person& person, Gesture gesture, Side camera, Variation& vary) {
  const bool is_below = person.view == View::kFromBelow;
  const float aside = (camera == Side::kLeft ? 0.5f : -0.5f) * person.stereo_pixels;
  PicturePoint centre{vary.normal(is_below ? 47.0f : 48.0f, is_below ? 4.5f : 9.0f) + aside,
                      vary.normal(gesture == kDown ? 47.0f : 53.0f, is_below ? 5.5f : 8.0f)};
  // Most hands keep their distance, some are just coming in; "down" is held at any height.
  float farther = is_below && vary.chance(0.08f) ? vary.uniform(1.1f, 1.7f) : vary.uniform(0.92f, 1.08f);
  if (gesture == kDown) farther *= vary.uniform(0.8f, 1.4f);
  constexpr float kPalmWidth = 85;  // mm
  const float depth = person.camera.focal_x * kPalmWidth / person.palm_pixels * farther;
  Pose pose = draw_pose(gesture, person.view, vary);
  if (gesture == kNone && vary.chance(0.25f)) {  // cut off by the border
    const float out = vary.uniform(6, 30), edge = vary.uniform(0, 3);
    if (edge < 1)
      centre.x = -out;
    else if (edge < 2)
      centre.x = kImageSide + out;
    else
      centre.y = kImageSide + out;
  }
  pose.pitch += person.tilt;
  const Rotation turn(pose.yaw, pose.pitch, pose.roll);
  const Hand hand = build_hand(pose, person.anatomy);
  const Vec shift = find_shift(hand, turn, person.camera, depth, centre);
  return {place_hand(hand, turn, shift), shift, turn({1, 0, 0}), turn({0, 1, 0}), farther};
}

Shot take_shot(const Person& person, const HandId& id) {
  constexpr std::uint64_t kAttempts = 32;
  const auto gesture = static_cast<Gesture>(id.gesture);
  const Side camera = (id.frame % 2 == 0) == person.starts_left ? Side::kLeft : Side::kRight;
  for (std::uint64_t attempt = 0;; ++attempt) {
    Variation vary(Random(id.seed, kHabitStream, id.person, id.gesture, attempt),
                   Random(id.seed, kFrameStream, id.person, id.gesture, id.frame, attempt),
                   attempt < kAttempts ? 1.0f : 0.0f);
    Shot shot = draw_shot(person, gesture, camera, vary);
    if (attempt == kAttempts || shows_gesture(gesture, person.view, shot.hand, person.camera)) return shot;
  }
}

}  // namespace mudra::data
