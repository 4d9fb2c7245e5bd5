#include "mudra/data/synthetic_hands.hpp"

#include <fmt/format.h>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/data/hand_arm.hpp"
#include "mudra/data/hand_backdrop.hpp"
#include "mudra/data/hand_camera.hpp"
#include "mudra/data/hand_pose.hpp"
#include "mudra/data/hand_sensor.hpp"
#include "mudra/data/hand_shape.hpp"
#include "mudra/data/hand_trace.hpp"
#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

// Streams of random numbers, so that one more draw in one part leaves the others as they are.
enum Stream : std::uint64_t { kPersonStream, kHabitStream, kFrameStream, kNoiseStream };

struct Person {
  Anatomy anatomy;
  Arm arm;
  Camera camera;
  Light light;
  Backdrop backdrop;
  Sensor sensor;
  float palm_pixels = 18;     // the palm's width in the picture
  float stereo_pixels = 13;   // between the hand's places in the two cameras
  bool starts_right = false;  // which of the two cameras takes the even frames
};

Light draw_light(Random& random) {
  Light light;
  light.gain = uniform_ratio(random, 155, 1.95f);
  light.facing_power = random.uniform(0.5f, 1.1f);
  light.wrap = random.uniform(0.0f, 0.5f);
  light.vignette_power = random.uniform(0.5f, 2.5f);
  light.falloff_power = random.uniform(1.6f, 2.2f);
  light.lamp = {random.uniform(-25, 25), random.uniform(-6, 6), 0};
  light.top = random.uniform(244, 255);
  light.knee = random.uniform(185, 242);
  return light;
}

Person draw_person(Random random) {
  Person person;
  person.anatomy = draw_anatomy(random);
  person.arm = draw_arm(random);
  person.camera = draw_camera(random);
  person.light = draw_light(random);
  person.backdrop = draw_backdrop(random);
  person.sensor = draw_sensor(random);
  person.palm_pixels = uniform_ratio(random, 12.5f, 1.04f);
  person.stereo_pixels = random.uniform(11, 15);
  person.starts_right = random.chance(0.5f);
  return person;
}

struct Shot {
  Hand hand;  // in the camera's axes
  Vec wrist;  // the hand's origin
  Vec hand_x, hand_y;
  float farther;  // than the person's usual distance, factor
};

Shot pose_hand(const Person& person, const HandId& id, Variation& vary) {
  const auto gesture = static_cast<Gesture>(id.gesture);
  const bool right_camera = (id.frame % 2 == 1) != person.starts_right;
  const float centre_x = vary.normal(47, 4.5f) + (right_camera ? -0.5f : 0.5f) * person.stereo_pixels;
  const float centre_y = vary.normal(gesture == kDown ? 47.0f : 53.0f, 5.5f);
  // Most hands keep their distance, some are just coming in; "down" is held higher.
  const float farther = (vary.chance(0.08f) ? vary.uniform(1.1f, 1.7f) : vary.uniform(0.92f, 1.08f)) *
                        (gesture == kDown ? vary.uniform(0.85f, 1.35f) : 1.0f);
  const float depth = person.camera.focal_x * 85.0f / person.palm_pixels * farther;
  const Pose pose = draw_pose(gesture, vary);
  const Rotation turn(pose.yaw, pose.pitch, pose.roll);
  const Hand hand = build_hand(pose, person.anatomy);
  const Vec shift = find_shift(hand, turn, person.camera, depth, {centre_x, centre_y});
  return {place_hand(hand, turn, shift), shift, turn({1, 0, 0}), turn({0, 1, 0}), farther};
}

// Draws poses until one shows its gesture; the last resort is the gesture's mean pose, which does.
Shot find_shot(const Person& person, const HandId& id) {
  constexpr std::uint64_t kAttempts = 16;
  for (std::uint64_t attempt = 0;; ++attempt) {
    Variation vary(Random(id.seed, kHabitStream, id.person, id.gesture, attempt),
                   Random(id.seed, kFrameStream, id.person, id.gesture, id.frame, attempt),
                   attempt < kAttempts ? 1.0f : 0.0f);
    Shot shot = pose_hand(person, id, vary);
    if (attempt == kAttempts || shows_gesture(static_cast<Gesture>(id.gesture), shot.hand, person.camera))
      return shot;
  }
}

Scene build_scene(const Shot& shot, const Person& person) {
  Scene scene;
  const Hand& hand = shot.hand;
  scene.cones = hand.palm;
  for (const auto& finger : hand.finger) scene.cones.insert(scene.cones.end(), finger.begin(), finger.end());
  scene.cones.insert(scene.cones.end(), hand.thumb.begin(), hand.thumb.end());
  scene.cones.insert(scene.cones.end(), hand.jewellery.begin(), hand.jewellery.end());
  scene.webs = hand.webs;
  add_arm(scene.cones, person.arm, person.anatomy, shot.wrist, shot.hand_x, shot.hand_y);
  return scene;
}

}  // namespace

void render_hand(const HandId& id, ImageOut out) {
  const Person person = draw_person(Random(id.seed, kPersonStream, id.person));
  const Shot shot = find_shot(person, id);
  Light light = person.light;
  light.full_distance = length(mix(shot.wrist, shot.hand.knuckle(kMiddleFinger), 0.6f)) / shot.farther;
  Exposure exposure;
  trace(build_scene(shot, person), person.camera, light, exposure);
  FloatImage image;
  paint_backdrop(person.backdrop, image);
  for (std::size_t i = 0; i < kImagePixels; ++i)
    image[i] = exposure.level[i] + (1 - exposure.coverage[i]) * image[i];
  develop(person.sensor, image, Random(id.seed, kNoiseStream, id.person, id.gesture, id.frame), out);
}

Dataset render_dataset(const SyntheticConfig& config) {
  constexpr std::uint64_t kMaxBytes = std::uint64_t{4} << 30;
  if (config.people < 1 || config.images_per_class < 1)
    fail("synthetic hands of {} people, {} images per class: give at least 1 of each", config.people,
         config.images_per_class);
  const auto per_class = static_cast<std::uint64_t>(config.images_per_class);
  const std::uint64_t per_person = per_class * kGestures;
  const std::uint64_t count = static_cast<std::uint64_t>(config.people) * per_person;
  if (count > kMaxBytes / kImagePixels)
    fail("synthetic hands: {} images are more than the {} that fit 4 GiB", count, kMaxBytes / kImagePixels);
  Dataset set;
  set.name = fmt::format("synthetic:{}", count);
  set.class_names.assign(std::begin(kGestureNames), std::end(kGestureNames));
  for (int person = 0; person < config.people; ++person)
    set.subject_names.push_back(fmt::format("s{:03}", person));
  set.images.resize(count * kImagePixels);
  set.labels.resize(count);
  set.subjects.resize(count);
  set.paths.resize(count);
#pragma omp parallel for schedule(dynamic, 16)
  for (std::size_t i = 0; i < count; ++i) {
    const HandId id{.seed = config.seed,
                    .person = i / per_person,
                    .gesture = static_cast<int>(i % per_person / per_class),
                    .frame = i % per_class};
    render_hand(id, ImageOut(set.images.data() + i * kImagePixels, kImagePixels));
    set.labels[i] = id.gesture;
    set.subjects[i] = static_cast<std::int32_t>(id.person);
  }
  return set;
}

}  // namespace mudra::data
