#include "mudra/data/hand_person.hpp"

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

Light draw_light(Random& random) {
  Light light;
  light.gain = uniform_ratio(random, 145, 2.05f);
  light.facing_power = random.uniform(0.5f, 1.1f);
  light.wrap = random.uniform(0.0f, 0.5f);
  light.vignette_power = random.uniform(0.5f, 2.5f);
  light.falloff_power = random.uniform(1.6f, 2.2f);
  light.lamp = {random.uniform(-25, 25), random.uniform(-6, 6), 0};
  light.top = random.uniform(244, 255);
  light.knee = random.uniform(185, 242);
  return light;
}

}  // namespace

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
  person.starts_left = random.chance(0.5f);
  return person;
}

}  // namespace mudra::data
