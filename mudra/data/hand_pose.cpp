#include "mudra/data/hand_pose.hpp"

#include <algorithm>
#include <cmath>

namespace mudra::data {
namespace {

// How far each finger of a spread hand leans towards the thumb, in degrees.
constexpr float kFan[kFingers] = {5, 0, -5, -11};

// Draws the parts that gestures share. Angles in degrees.
class PoseSketch {
 public:
  explicit PoseSketch(Variation& vary)
      : vary_(vary), curl_(vary.normal(0, 6)), loose_(vary.chance(0.3f) ? vary.uniform(0.2f, 1.0f) : 0.0f) {
    pose.roll = vary.normal(2, 9);
  }

  // A stretched finger, bent at the knuckle by about `bend`.
  void open_finger(int f, float fan, float bend, float spread) {
    at(f) = {vary_.normal(bend, spread), std::abs(vary_.normal(7, 7)), std::abs(vary_.normal(4, 5)),
             kFan[f] * fan + vary_.normal(0, 2), 0};
  }

  void open_fingers(int first, float fan, float bend, float spread) {
    for (int f = first; f < kFingers; ++f) open_finger(f, fan, bend, spread);
  }

  // Fingers rolled into the palm, tightly or loosely; all four also hooked, little bent at the knuckles.
  void curl_fingers(int first) {
    const float hook = first == kIndexFinger && vary_.chance(0.25f) ? vary_.uniform(20, 60) : 0;
    for (int f = first; f < kFingers; ++f) {
      at(f) = {vary_.normal(84, 9) + curl_ - std::max(28 * loose_, hook), vary_.normal(103, 9) - 26 * loose_,
               vary_.normal(58, 12) - 20 * loose_, kFan[f] * 0.2f + vary_.normal(0, 2),
               0.05f * static_cast<float>(f) + vary_.normal(0, 0.05f)};
    }
  }

  // The three bones move together, and a little apart.
  void thumb(ThumbBone first, ThumbBone second, ThumbBone third, float spread) {
    const float azimuth = vary_.normal(0, spread), elevation = vary_.normal(0, spread);
    const auto bone = [&](ThumbBone mean, float share_azimuth, float share_elevation, float apart) {
      return ThumbBone{mean.azimuth + azimuth * share_azimuth + vary_.normal(0, apart),
                       mean.elevation + elevation * share_elevation + vary_.normal(0, apart)};
    };
    pose.thumb[0] = bone(first, 0.7f, 0.7f, 5);
    pose.thumb[1] = bone(second, 1.0f, 1.0f, 7);
    pose.thumb[2] = bone(third, 1.2f, 1.2f, 9);
  }

  void fold_thumb() {
    if (vary_.chance(0.5f)) {
      thumb({40, 35}, {2, 40}, {-30, 25}, 8);  // beside the index finger, a wedge up and right
    } else {
      thumb({30, 45}, {-30, 40}, {-80, 5}, 10);  // across the curled fingers
    }
  }

  void stretch_thumb() { thumb({48, 18}, {66, 6}, {63, 2}, 12); }

  FingerPose& at(int f) { return pose.finger[static_cast<std::size_t>(f)]; }

  Pose pose;

 private:
  Variation& vary_;
  float curl_, loose_;
};

void draw_palm(PoseSketch& sketch, Variation& vary) {
  const float fan = vary.chance(0.75f) ? vary.uniform(-0.45f, 0.4f) : vary.uniform(0.3f, 1.7f);
  sketch.open_fingers(kIndexFinger, fan, vary.normal(7, 7), 3);
  const float out = vary.uniform(-10, 52);
  sketch.thumb({22 + out * 0.5f, 20}, {out, 8}, {out - 8, 3}, 6);
  sketch.pose.yaw = vary.uniform(-20, 45);
  sketch.pose.pitch = vary.normal(7, 15);
}

// An open hand as people show it: fingers together to spread, the thumb at the side.
void draw_open_palm(PoseSketch& sketch, Variation& vary) {
  sketch.open_fingers(kIndexFinger, vary.uniform(-0.4f, 2.6f), vary.normal(4, 7), 4);
  const float out = vary.uniform(-5, 72);
  sketch.thumb({22 + out * 0.45f, 20}, {out, 8}, {out - 6, 3}, 8);
  sketch.pose.yaw = vary.normal(6, 15);
  sketch.pose.pitch = vary.normal(4, 14);
}

void draw_l(PoseSketch& sketch, Variation& vary) {
  sketch.curl_fingers(kMiddleFinger);
  sketch.at(kIndexFinger) = {vary.normal(4, 12), std::abs(vary.normal(8, 9)), std::abs(vary.normal(5, 5)),
                             vary.normal(4, 6), 0};
  sketch.thumb({48, 18}, {68, 8}, {66, 5}, 11);
  sketch.pose.yaw = vary.uniform(-25, 38);
  sketch.pose.pitch = vary.uniform(-6, 42);
}

void draw_fist(PoseSketch& sketch, Variation& vary) {
  sketch.curl_fingers(kIndexFinger);
  sketch.fold_thumb();
  sketch.pose.yaw = vary.uniform(-20, 42);
  sketch.pose.pitch = vary.uniform(-6, 62);
}

void draw_thumb(PoseSketch& sketch, Variation& vary) {
  sketch.curl_fingers(kIndexFinger);
  sketch.stretch_thumb();
  sketch.pose.yaw = vary.uniform(-25, 35);
  sketch.pose.pitch = vary.uniform(-6, 58);
}

void draw_index(PoseSketch& sketch, Variation& vary) {
  sketch.curl_fingers(kMiddleFinger);
  sketch.fold_thumb();
  sketch.pose.yaw = vary.uniform(-15, 52);
  sketch.pose.pitch = vary.uniform(-4, 60);
  // A hand that is tilted far away points up by bending the finger back towards the camera.
  sketch.at(kIndexFinger) = {vary.uniform(-16, 18) + 0.4f * std::max(0.0f, sketch.pose.pitch),
                             std::abs(vary.normal(9, 9)), std::abs(vary.normal(6, 6)), vary.normal(2, 5), 0};
}

void draw_ok(PoseSketch& sketch, View view, Variation& vary) {
  const float fan = vary.uniform(-0.3f, 2.2f), bend = vary.normal(6, 10);
  sketch.open_finger(kMiddleFinger, fan, bend + 4, 6);
  sketch.open_fingers(kRingFinger, fan, bend - 2, 6);
  // A hand seen from the front bends its index finger sideways, so that the ring still lies beside the palm.
  const float yaw = view == View::kFromBelow ? vary.uniform(-5, 78) : vary.normal(10, 18),
              frontal = std::clamp(55 - yaw, 0.0f, 60.0f);
  const float lean =
      vary.uniform(-0.1f, 0.4f) + vary.uniform(view == View::kFromBelow ? 0.0f : 0.006f, 0.018f) * frontal;
  // Wide rings to small ones, round to pinched flat.
  sketch.at(kIndexFinger) = {vary.uniform(18, 68), vary.uniform(44, 104), vary.uniform(0, 42),
                             vary.normal(8, 6), lean};
  sketch.pose.pinch = vary.uniform(0.2f, 1.1f);
  const float out = vary.uniform(20, 42);
  sketch.thumb({out + 0.15f * frontal, 42 - 0.2f * frontal}, {30, 40}, {30, 30}, 6);
  sketch.pose.yaw = yaw;
  sketch.pose.pitch = vary.normal(6, 12);
}

void draw_c(PoseSketch& sketch, Variation& vary) {
  const bool thumb_opposite = vary.chance(0.25f);
  const float bend = vary.uniform(thumb_opposite ? 35.0f : 14.0f, 88), middle = vary.uniform(4, 58);
  for (int f = 0; f < kFingers; ++f) {
    sketch.at(f) = {bend + vary.normal(0, 4), middle + vary.normal(0, 4), std::abs(vary.normal(10, 8)),
                    kFan[f] * 0.1f, 0};
  }
  if (thumb_opposite) {
    sketch.thumb({20, 40}, {5, 55}, {5, 65}, 14);  // the lower arm of the C
  } else {
    sketch.thumb({15, 30}, {0, 25}, {-5, 20}, 12);  // laid along the palm
  }
  sketch.pose.yaw = vary.uniform(66, 104);
  sketch.pose.pitch = vary.normal(0, 9);
}

void draw_down(PoseSketch& sketch, View view, Variation& vary) {
  if (view == View::kFromFront || vary.chance(0.75f)) {
    // Fingers together and a little bent, thumb from the wrist towards the camera. Seen from the side the
    // fingers are straight: bent ones would make a C.
    const float yaw = vary.uniform(-20, 64), bend = vary.uniform(-2, 56) * (1.0f - std::max(0.0f, yaw) / 68);
    sketch.open_fingers(kIndexFinger, vary.uniform(-0.5f, 1.0f), bend, 4);
    // In front of an ordinary camera a thumb at the side is that of an open palm.
    const float out = vary.uniform(view == View::kFromFront ? 100.0f : 60.0f, 172), up = vary.uniform(25, 85);
    sketch.thumb({0.8f * out, 0.7f * up}, {out, up}, {out, up}, 6);
    sketch.pose.yaw = yaw;
    sketch.pose.pitch = vary.uniform(-48, 36);
    sketch.pose.roll += vary.uniform(-14, 30);
  } else {  // spread fingers, thumb more to the side
    const float fan = vary.uniform(0.4f, 2.2f), bend = vary.normal(8, 12);
    sketch.open_fingers(kIndexFinger, fan, bend, 6);
    const float out = vary.uniform(72, 118), up = vary.uniform(5, 60);
    sketch.thumb({50 + 0.25f * (out - 72), up * 0.5f}, {out, up}, {out, up}, 6);
    sketch.pose.yaw = vary.normal(4, 15);
    sketch.pose.pitch = vary.uniform(-20, 45);
    sketch.pose.roll += vary.normal(4, 7);
  }
}

Pose between(const Pose& a, const Pose& b, float share_of_b) {
  const auto mixed = [&](float x, float y) { return x + (y - x) * share_of_b; };
  Pose pose = a;
  for (std::size_t f = 0; f < kFingers; ++f) {
    const FingerPose &p = a.finger[f], &q = b.finger[f];
    pose.finger[f] = {mixed(p.knuckle, q.knuckle), mixed(p.middle, q.middle), mixed(p.tip, q.tip),
                      mixed(p.spread, q.spread), mixed(p.lean, q.lean)};
  }
  for (std::size_t j = 0; j < a.thumb.size(); ++j)
    pose.thumb[j] = {mixed(a.thumb[j].azimuth, b.thumb[j].azimuth),
                     mixed(a.thumb[j].elevation, b.thumb[j].elevation)};
  pose.pinch.reset();
  pose.yaw = mixed(a.yaw, b.yaw), pose.pitch = mixed(a.pitch, b.pitch), pose.roll = mixed(a.roll, b.roll);
  return pose;
}

// All fingers half bent, more and more towards the little one, or all alike.
void draw_relaxed(PoseSketch& sketch, Variation& vary) {
  const float bend = vary.uniform(22, 62), more = vary.uniform(-2, 12);
  for (int f = 0; f < kFingers; ++f) {
    const float by = bend + more * static_cast<float>(f);
    sketch.at(f) = {by + vary.normal(0, 5), by + vary.normal(0, 6), 0.6f * by, kFan[f] * 0.4f, 0};
  }
  sketch.thumb({30, 35}, {vary.uniform(-10, 45), 30}, {vary.uniform(-15, 45), 25}, 10);
}

// Some fingers stretched, as in counting, that are not those of a gesture.
void draw_count(PoseSketch& sketch, Variation& vary) {
  constexpr bool kStretched[][kFingers] = {{true, true, false, false},  {true, true, true, false},
                                           {false, true, false, false}, {false, false, false, true},
                                           {true, false, false, true},  {false, false, true, true},
                                           {false, true, true, false}};
  const auto& stretched = vary.one_of(kStretched);
  sketch.curl_fingers(kIndexFinger);
  const float fan = vary.uniform(0, 2.2f), bend = vary.normal(5, 8);
  for (int f = 0; f < kFingers; ++f)
    if (stretched[f]) sketch.open_finger(f, fan, bend, 5);
  if (vary.chance(0.6f))
    sketch.fold_thumb();
  else
    sketch.stretch_thumb();
}

// Two gestures that are not each other's neighbours: half way between those lies no third.
Pose draw_between(View view, Variation& vary) {
  constexpr Gesture kPairs[][2] = {{kPalm, kFist}, {kPalm, kIndex}, {kPalm, kThumb}, {kFist, kOk},
                                   {kL, kOk},      {kDown, kFist},  {kPalm, kL},     {kThumb, kOk}};
  const auto& pair = vary.one_of(kPairs);
  const Pose first = draw_pose(pair[0], view, vary), second = draw_pose(pair[1], view, vary);
  return between(first, second, vary.uniform(0.4f, 0.6f));
}

Pose draw_no_gesture(PoseSketch& sketch, View view, Variation& vary) {
  constexpr Gesture kBehind[] = {kPalm, kL, kOk};
  const float kind = vary.uniform(0, 1);
  if (kind < 0.25f) return draw_between(view, vary);
  if (kind < 0.4f && view == View::kFromFront) {  // from behind; a flash shows no difference
    Pose pose = draw_pose(vary.one_of(kBehind), view, vary);
    pose.yaw += 180;
    return pose;
  }
  if (kind < 0.65f)
    draw_relaxed(sketch, vary);
  else
    draw_count(sketch, vary);
  sketch.pose.yaw = vary.uniform(-30, 55);
  sketch.pose.pitch = vary.uniform(-20, 40);
  sketch.pose.roll += view == View::kFromFront ? vary.normal(0, 30) : 0;
  return sketch.pose;
}

}  // namespace

Pose draw_pose(Gesture gesture, View view, Variation& vary) {
  PoseSketch sketch(vary);
  switch (gesture) {
    case kPalm:
      if (view == View::kFromBelow)
        draw_palm(sketch, vary);
      else
        draw_open_palm(sketch, vary);
      break;
    case kL:
      draw_l(sketch, vary);
      break;
    case kFist:
      draw_fist(sketch, vary);
      break;
    case kThumb:
      draw_thumb(sketch, vary);
      break;
    case kIndex:
      draw_index(sketch, vary);
      break;
    case kOk:
      draw_ok(sketch, view, vary);
      break;
    case kC:
      draw_c(sketch, vary);
      break;
    case kDown:
      draw_down(sketch, view, vary);
      break;
    case kNone:
      return draw_no_gesture(sketch, view, vary);
  }
  if (view == View::kFromFront) {
    sketch.pose.roll += gesture == kThumb ? vary.uniform(-80, 20) : vary.normal(0, 12);
    sketch.pose.pitch += vary.normal(0, 10);
  }
  return sketch.pose;
}

}  // namespace mudra::data
