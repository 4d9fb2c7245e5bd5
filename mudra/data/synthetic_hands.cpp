#include "mudra/data/synthetic_hands.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/data/hand_person.hpp"
#include "mudra/data/hand_shot.hpp"

namespace mudra::data {
namespace {

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
  const Shot shot = take_shot(person, id);
  Light light = person.light;
  // What is farther than usual is dimmer, but not lost in the dark.
  light.full_distance =
      length(mix(shot.wrist, shot.hand.knuckle(kMiddleFinger), 0.6f)) / std::min(shot.farther, 1.4f);
  Exposure exposure;
  trace(build_scene(shot, person), person.camera, light, exposure);
  FloatImage image;
  paint_backdrop(person.backdrop, image);
  for (std::size_t i = 0; i < kImagePixels; ++i)
    image[i] = exposure.level[i] + (1 - exposure.coverage[i]) * image[i];
  develop(person.sensor, image, Random(id.seed, kNoiseStream, id.person, id.gesture, id.frame), out);
}

Dataset render_dataset(const SyntheticConfig& config) {
  if (config.people < 1 || config.images_per_class < 1)
    fail("synthetic hands of {} people, {} images per class: give at least 1 of each", config.people,
         config.images_per_class);
  const auto per_class = static_cast<std::uint64_t>(config.images_per_class);
  const std::uint64_t per_person = per_class * kGestures;
  const std::uint64_t count = static_cast<std::uint64_t>(config.people) * per_person;
  if (count > max_images())
    fail("synthetic hands: {} images are more than the {} that fit 4 GiB", count, max_images());
  Dataset set;
  set.name = fmt::format("synthetic:{}", count);
  set.class_names.assign(std::begin(kGestureNames), std::end(kGestureNames));
  for (int person = 0; person < config.people; ++person)
    set.subject_names.push_back(fmt::format("s{:03}", person));
  set.images.resize(count * kImagePixels);
  set.labels.resize(count);
  set.subjects.resize(count);
  set.paths.resize(count);
  for_each_parallel("rendering", count, [&](std::size_t i) {
    const HandId id{.seed = config.seed,
                    .person = i / per_person,
                    .gesture = static_cast<int>(i % per_person / per_class),
                    .frame = i % per_class};
    render_hand(id, ImageOut(set.image(i)));
    set.labels[i] = id.gesture;
    set.subjects[i] = static_cast<std::int32_t>(id.person);
  });
  return set;
}

}  // namespace mudra::data
