#include "mudra/data/hand_arm.hpp"

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

constexpr float kLength = 260;      // wrist to where it has long left the picture
constexpr float kHalfWidthGap = 9;  // the forearm is two cones side by side: wider than thick

struct Course {
  Vec wrist, down, side;  // unit directions: to the elbow, and across
};

void add_hoop(std::vector<Cone>& cones, const Course& course, float place, float radius, float widening,
              float wire, float albedo) {
  constexpr int kParts = 14;
  const Vec centre = course.wrist + course.down * place, up = unit(cross(course.down, course.side));
  const auto point = [&](int i) {
    const float angle = 360.0f / kParts * static_cast<float>(i);
    return centre + course.side * ((radius + widening) * cosine(angle)) + up * (radius * sine(angle));
  };
  for (int i = 0; i < kParts; ++i) cones.push_back({point(i), point(i + 1), wire, wire, albedo});
}

}  // namespace

Arm draw_arm(Random& random) {
  Arm arm;
  arm.lean = random.chance(0.35f) ? normal(random, -3, 8) : random.uniform(0, 55);
  arm.away = random.uniform(-12, 50);
  arm.girth = random.uniform(0.88f, 1.12f);
  arm.has_sleeve = random.chance(0.42f);
  arm.sleeve_start = random.uniform(2, 110);
  arm.sleeve_looseness = random.uniform(4, 14);
  arm.sleeve_albedo = random.uniform(0.25f, 0.9f);
  arm.cuff_wire = random.uniform(2, 4.5f);
  arm.cuff_albedo = arm.sleeve_albedo * random.uniform(0.8f, 1.15f);
  arm.has_bracelet = random.chance(0.2f);
  arm.bracelet_place = random.uniform(0, 40);
  arm.bracelet_looseness = random.uniform(2, 8);
  arm.bracelet_wire = random.uniform(1.5f, 3.5f);
  arm.bracelet_albedo = random.uniform(0.5f, 1.3f);
  return arm;
}

Arm draw_raised_arm(Random& random) {
  Arm arm = draw_arm(random);
  arm.lean = normal(random, 3, 18);
  arm.away = random.uniform(-20, 60);
  arm.sleeve_albedo = uniform_ratio(random, 0.12f, 4);
  arm.cuff_albedo = arm.sleeve_albedo * random.uniform(0.8f, 1.15f);
  return arm;
}

void add_arm(std::vector<Cone>& cones, const Arm& arm, const Anatomy& anatomy, Vec wrist, Vec hand_x,
             Vec hand_y) {
  const Vec hanging{-sine(arm.lean) * cosine(arm.away), -cosine(arm.lean) * cosine(arm.away), sine(arm.away)};
  const Vec down = unit(hanging - hand_y * 0.25f);  // a wrist bends, but not completely free
  const Course course{wrist, down, unit_across(hand_x, down)};
  const float scale = anatomy.size, thick = anatomy.girth * anatomy.size * arm.girth;
  const Vec elbow = wrist + down * (kLength * scale);
  const auto add_pair = [&](float start, float radius_start, float radius_end, float albedo) {
    for (const float gap : {-kHalfWidthGap * scale, kHalfWidthGap * scale})
      cones.push_back({wrist + down * start + course.side * gap, elbow + course.side * (gap * 1.1f),
                       radius_start, radius_end, albedo});
  };
  add_pair(0, 18.5f * thick, 34 * thick, 0.95f);
  if (arm.has_sleeve) {
    const float start = arm.sleeve_start * scale, radius = (21 + arm.sleeve_looseness) * thick;
    add_pair(start + radius, radius, (38 + arm.sleeve_looseness) * thick, arm.sleeve_albedo);
    add_hoop(cones, course, start + radius * 0.6f, radius + 1.5f, 8 * scale, arm.cuff_wire, arm.cuff_albedo);
  }
  if (arm.has_bracelet)
    add_hoop(cones, course, arm.bracelet_place * scale, (22 + arm.bracelet_looseness) * thick, 8 * scale,
             arm.bracelet_wire, arm.bracelet_albedo);
}

}  // namespace mudra::data
