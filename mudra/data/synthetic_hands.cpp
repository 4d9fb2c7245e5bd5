#include "mudra/data/synthetic_hands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/data/hand_none.hpp"
#include "mudra/data/hand_person.hpp"
#include "mudra/data/hand_shot.hpp"
#include "mudra/data/hand_trace.hpp"

namespace mudra::data {
namespace {

// Of both kinds of light. Rooms are the harder kind: with half of all pictures they make up most of what a
// small network still has to learn, and it tells hands in infrared apart less well than it can.
constexpr float kVisibleOfBoth = 0.25f;

// A picture before the camera's electronics.
struct Drawn {
  FloatImage image;
  Sensor sensor;
};

Scene build_scene(const Shot& shot, const Person& person) {
  Scene scene;
  const Hand& hand = shot.hand;
  scene.cones = hand.palm;
  for (const auto& finger : hand.finger) scene.cones.insert(scene.cones.end(), finger.begin(), finger.end());
  scene.cones.insert(scene.cones.end(), hand.thumb.begin(), hand.thumb.end());
  scene.cones.insert(scene.cones.end(), hand.jewellery.begin(), hand.jewellery.end());
  scene.webs = hand.webs;
  scene.middle = mix(shot.wrist, hand.knuckle(kMiddleFinger), 0.6f);
  add_arm(scene.cones, person.arm, person.anatomy, shot.wrist, shot.hand_x, shot.hand_y);
  return scene;
}

void lay_over(const Exposure& exposure, FloatImage& image) {
  for (std::size_t i = 0; i < kImagePixels; ++i)
    image[i] = exposure.level[i] + (1 - exposure.coverage[i]) * image[i];
}

// The hand's shadow on a wall close behind it.
void cast_on_wall(const Daylight& light, const FloatImage& coverage, Random& random, FloatImage& image) {
  const float away = random.uniform(2, 14), depth = light.key_share * random.uniform(0.3f, 1.0f);
  const float dx = -light.key.x * away, dy = light.key.y * away;
  FloatImage shade{};
  for (int y = 0; y < kImageSide; ++y) {
    const int from_y = y - static_cast<int>(std::floor(dy + 0.5f));
    if (from_y < 0 || from_y >= kImageSide) continue;
    for (int x = 0; x < kImageSide; ++x) {
      const int from_x = x - static_cast<int>(std::floor(dx + 0.5f));
      if (from_x >= 0 && from_x < kImageSide)
        shade[static_cast<std::size_t>(y * kImageSide + x)] =
            coverage[static_cast<std::size_t>(from_y * kImageSide + from_x)];
    }
  }
  blur(shade, 0.25f * away + 0.5f);
  for (std::size_t i = 0; i < kImagePixels; ++i) image[i] *= 1 - depth * shade[i];
}

// Moves the background's brightness where the hand would hardly stand out from it.
void keep_apart(const Exposure& exposure, FloatImage& image, Random& random) {
  constexpr float kLeast = 28, kMove = 50;
  float hand = 0, behind = 0, area = 1e-3f;
  for (std::size_t i = 0; i < kImagePixels; ++i) {
    hand += exposure.level[i];
    behind += exposure.coverage[i] * image[i];
    area += exposure.coverage[i];
  }
  if (std::abs(hand - behind) > kLeast * area) return;
  const float move = random.chance(0.5f) ? kMove : -kMove;
  for (float& level : image) level += move;
}

// As automatic exposure does, which aims at a middle gray and often misses it.
void expose(Random& random, FloatImage& image) {
  if (random.chance(0.2f)) return;
  float mean = 1;
  for (const float level : image) mean += level * (1.0f / kImagePixels);
  const float gain = std::clamp(random.uniform(75, 160) / mean, 0.5f, 2.0f);
  for (float& level : image) level *= gain;
}

Drawn draw_infrared(const HandId& id) {
  const Person person = draw_infrared_person(Random(id.seed, kPersonStream, id.person));
  const Shot shot = take_shot(person, id);
  const Scene scene = build_scene(shot, person);
  Flash flash = std::get<Flash>(person.light);
  // What is farther than usual is dimmer, but not lost in the dark.
  flash.full_distance = length(scene.middle) / std::min(shot.farther, 1.4f);
  Exposure exposure;
  trace(scene, person.camera, flash, exposure);
  Drawn drawn{.image = {}, .sensor = person.sensor};
  paint_backdrop(std::get<Backdrop>(person.behind), drawn.image);
  lay_over(exposure, drawn.image);
  return drawn;
}

Drawn draw_visible(const HandId& id) {
  const Person person = draw_visible_person(Random(id.seed, kPersonStream, id.person));
  Random random(id.seed, kRoomStream, id.person, id.gesture, id.frame);
  const Scene scene = build_scene(take_shot(person, id), person);
  Exposure exposure;
  trace(scene, person.camera, person.light, exposure);
  if (random.chance(0.5f)) {  // skin is not even
    FloatImage skin{};
    add_grain(skin, random.uniform(0, 9), uniform_ratio(random, 2, 2), random);
    for (std::size_t i = 0; i < kImagePixels; ++i) exposure.level[i] += exposure.coverage[i] * skin[i];
  }
  Drawn drawn{.image = {}, .sensor = person.sensor};
  paint_room(std::get<Room>(person.behind), drawn.image);
  if (random.chance(0.4f))
    cast_on_wall(std::get<Daylight>(person.light), exposure.coverage, random, drawn.image);
  keep_apart(exposure, drawn.image, random);
  lay_over(exposure, drawn.image);
  expose(random, drawn.image);
  return drawn;
}

bool is_visible(const HandId& id, Lighting light) {
  return light == Lighting::kVisible ||
         (light == Lighting::kBoth && Random(id.seed, kLightStream, id.person).chance(kVisibleOfBoth));
}

// Empty scenes, patterns, and hands that make no gesture. A network for infrared alone must say none to what
// an ordinary camera sees, whatever it shows.
Drawn draw_none(const HandId& id, Lighting light) {
  Random random(id.seed, kRoomStream, id.person, id.gesture, id.frame);
  const float kind = random.uniform();
  Drawn drawn;
  if (kind < 0.25f) {
    paint_pattern(random, drawn.image);
    drawn.sensor.noise = random.chance(0.5f) ? 0.0f : random.uniform(0, 8);
    return drawn;
  }
  const bool is_other_light = light == Lighting::kInfrared && kind > 0.6f;
  const bool visible = is_other_light || is_visible(id, light);
  if (is_other_light && kind > 0.8f) {
    HandId other = id;
    other.gesture = static_cast<int>(random.below(kGestures));
    return draw_visible(other);
  }
  if (kind > 0.5f) return visible ? draw_visible(id) : draw_infrared(id);
  if (visible) {
    Room room = draw_room(random, uniform_ratio(random, 50, 2.3f));
    if (random.chance(0.4f)) add_bust(room, uniform_ratio(random, 50, 2.3f), random);
    paint_room(room, drawn.image);
    expose(random, drawn.image);
    drawn.sensor = draw_sensor(random);
  } else {
    paint_backdrop(draw_backdrop(random), drawn.image);
    if (random.chance(0.7f)) paint_things_in_the_dark(random, drawn.image);
    drawn.sensor = draw_infrared_sensor(random);
  }
  return drawn;
}

}  // namespace

std::vector<std::string> class_names(const Rendering& rendering) {
  std::vector<std::string> names(std::begin(kGestureNames), std::end(kGestureNames));
  if (rendering.none > 0) names.emplace_back(kNoneName);
  return names;
}

void render_hand(const HandId& id, const Rendering& rendering, ImageOut out) {
  Drawn drawn = id.gesture == kGestures           ? draw_none(id, rendering.light)
                : is_visible(id, rendering.light) ? draw_visible(id)
                                                  : draw_infrared(id);
  const bool is_left =
      rendering.hands == Hands::kLeft ||
      (rendering.hands == Hands::kBoth && Random(id.seed, kHandStream, id.person).chance(0.5f));
  if (is_left) mirror(drawn.image);
  develop(drawn.sensor, drawn.image, Random(id.seed, kNoiseStream, id.person, id.gesture, id.frame), out);
}

std::size_t nones_beside(std::size_t hands, const Rendering& rendering) {
  const double share = rendering.none;
  return static_cast<std::size_t>(std::ceil(static_cast<double>(hands) * share / (1 - share) - 1e-3));
}

HandId SyntheticConfig::id(std::size_t image) const {
  const std::size_t place = image % images_per_person(),
                    per_class = static_cast<std::size_t>(images_per_class);
  const std::size_t gesture = std::min<std::size_t>(place / per_class, kGestures);
  return {.seed = seed,
          .person = image / images_per_person(),
          .gesture = static_cast<int>(gesture),
          .frame = place - gesture * per_class};
}

Dataset render_dataset(const SyntheticConfig& config) {
  if (config.people < 1 || config.images_per_class < 1)
    fail("synthetic hands of {} people, {} images per class: give at least 1 of each", config.people,
         config.images_per_class);
  const std::size_t count = config.images();
  if (count > max_images())
    fail("synthetic hands: {} images are more than the {} that fit 4 GiB", count, max_images());
  Dataset set;
  set.name = fmt::format("synthetic:{}", count);
  set.class_names = class_names(config.rendering);
  for (int person = 0; person < config.people; ++person)
    set.subject_names.push_back(fmt::format("s{:03}", person));
  set.images.resize(count * kImagePixels);
  set.labels.resize(count);
  set.subjects.resize(count);
  set.paths.resize(count);
  for_each_parallel("rendering", count, [&](std::size_t i) {
    const HandId id = config.id(i);
    render_hand(id, config.rendering, ImageOut(set.image(i)));
    set.labels[i] = id.gesture;
    set.subjects[i] = static_cast<std::int32_t>(id.person);
  });
  return set;
}

}  // namespace mudra::data
