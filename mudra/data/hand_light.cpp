#include "mudra/data/hand_light.hpp"

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {

Flash draw_flash(Random& random) {
  Flash flash;
  flash.gain = uniform_ratio(random, 145, 2.05f);
  flash.facing_power = random.uniform(0.5f, 1.1f);
  flash.wrap = random.uniform(0.0f, 0.5f);
  flash.vignette_power = random.uniform(0.5f, 2.5f);
  flash.falloff_power = random.uniform(1.6f, 2.2f);
  flash.lamp = {random.uniform(-25, 25), random.uniform(-6, 6), 0};
  flash.film.top = random.uniform(244, 255);
  flash.film.knee = random.uniform(185, 242);
  return flash;
}

Daylight draw_daylight(Random& random) {
  Daylight light;
  const float x = normal(random), y = normal(random, 0.5f, 0.8f);
  light.key = unit({x, y, random.uniform(-1.6f, 0.3f)});
  light.skin = uniform_ratio(random, 70, 1.8f);
  light.key_share = random.uniform(0.2f, 0.8f);
  light.wrap = random.uniform(0.0f, 0.5f);
  light.shadow = random.chance(0.7f) ? random.uniform(0.3f, 1.0f) : 0.0f;
  light.sky = unit({normal(random, 0, 0.7f), normal(random, 0.8f, 0.7f), normal(random, -0.3f, 0.5f)});
  light.sky_share = random.uniform(0.0f, 0.8f);
  light.edge = random.uniform(0.1f, 0.75f);
  light.contrast = random.uniform(0.4f, 1.0f);
  light.gloss = random.chance(0.6f) ? random.uniform(0, 60) : 0.0f;
  light.gloss_power = random.uniform(5, 25);
  light.film.top = random.uniform(225, 255);
  light.film.knee = light.film.top - random.uniform(8, 50);
  return light;
}

}  // namespace mudra::data
