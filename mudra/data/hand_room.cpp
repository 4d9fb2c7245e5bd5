#include "mudra/data/hand_room.hpp"

#include <algorithm>

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

Patch draw_thing(Random& random) {
  Patch patch;
  patch.middle = {random.uniform(-10, 106), random.uniform(-10, 106)};
  patch.half_width = uniform_ratio(random, 2, 4.5f);
  patch.half_height = uniform_ratio(random, 2, 4.5f);
  patch.turn = random.chance(0.5f) ? normal(random, 0, 4) : random.uniform(0, 180);
  patch.is_round = random.chance(0.4f);
  patch.level = random.uniform(0, 255);
  patch.slope = normal(random, 0, 25);
  patch.softness = uniform_ratio(random, 0.7f, 3);
  patch.opacity = random.uniform(0.2f, 1.0f);
  return patch;
}

}  // namespace

void add_bust(Room& room, float skin, Random& random) {
  const PicturePoint face{random.uniform(5, 91), random.uniform(5, 75)};
  const float size = uniform_ratio(random, 6, 2.2f), turn = normal(random, 0, 10),
              level = skin * random.uniform(0.8f, 1.1f);
  const float shade = normal(random, 0, 20), cloth = random.uniform(0, 255),
              dark = random.uniform(0.3f, 0.8f);
  const auto add = [&](float x, float y, float width, float height, bool is_round, float gray) {
    room.patches.push_back({.middle = {face.x + size * x, face.y + size * y},
                            .half_width = size * width,
                            .half_height = size * height,
                            .turn = turn,
                            .is_round = is_round,
                            .level = gray,
                            .slope = shade,
                            .softness = 1 + 0.1f * size});
  };
  add(0, 3.2f, 2.2f, 1.7f, true, cloth);                       // shoulders
  add(0, 4.5f, 1.9f, 2.2f, false, cloth);                      // torso
  add(0, 1.3f, 0.45f, 0.7f, false, 0.85f * level);             // neck
  add(0, -0.25f, 1.05f, 1.25f, true, random.uniform(5, 200));  // hair
  add(0, 0, 0.85f, 1.15f, true, level);
  for (const float side : {-0.35f, 0.35f}) add(side, -0.15f, 0.17f, 0.1f, true, dark * level);
  add(0, 0.25f, 0.12f, 0.3f, true, 1.08f * level);  // nose
  add(0, 0.62f, 0.33f, 0.09f, true, 0.75f * level);
}

Room draw_room(Random& random, float skin) {
  Room room;
  room.level = random.uniform(5, 250);
  room.slope_x = normal(random, 0, 30), room.slope_y = normal(random, 0, 30);
  room.vignette = normal(random, -15, 25);
  if (random.chance(0.6f)) room.grain = random.uniform(1, 20);
  room.grain_cell = uniform_ratio(random, 3, 3);
  if (random.chance(0.4f)) room.fine_grain = random.uniform(1, 12);
  if (random.chance(0.15f)) room.stripes.amplitude = random.uniform(3, 50);
  room.stripes.period = uniform_ratio(random, 4, 3);
  room.stripes.phase = random.uniform(0, room.stripes.period);
  room.stripes.turn = random.uniform(0, 180);
  room.stripes.edge = random.uniform();
  room.stripes.is_chequered = random.chance(0.3f);
  const bool is_crowded = random.chance(0.65f);
  for (std::uint32_t i = is_crowded ? 1 + random.below(8) : 0; i > 0; --i)
    room.patches.push_back(draw_thing(random));
  if (random.chance(0.3f)) add_bust(room, skin, random);
  if (random.chance(0.5f)) room.blur = random.uniform(0.3f, 3);
  room.grain_seed = random.bits();
  return room;
}

void paint_room(const Room& room, FloatImage& image) {
  constexpr float kScale = 1.0f / kImageSide;
  for (int y = 0; y < kImageSide; ++y)
    for (int x = 0; x < kImageSide; ++x) {
      const float u = (static_cast<float>(x) + 0.5f) * kScale - 0.5f,
                  v = (static_cast<float>(y) + 0.5f) * kScale - 0.5f;
      image[static_cast<std::size_t>(y * kImageSide + x)] =
          room.level + room.slope_x * u + room.slope_y * v + room.vignette * 2 * (u * u + v * v);
    }
  if (room.stripes.amplitude > 0) add_stripes(room.stripes, image);
  for (const Patch& patch : room.patches) paint(patch, image);
  Random grain(room.grain_seed);
  if (room.grain > 0) add_grain(image, room.grain, room.grain_cell, grain);
  blur(image, room.blur);
  if (room.fine_grain > 0) add_grain(image, room.fine_grain, 1.5f, grain);
}

}  // namespace mudra::data
