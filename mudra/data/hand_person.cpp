#include "mudra/data/hand_person.hpp"

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {

Person draw_infrared_person(Random random) {
  Person person;
  person.anatomy = draw_anatomy(random);
  person.arm = draw_arm(random);
  person.camera = draw_infrared_camera(random);
  person.light = draw_flash(random);
  person.behind = draw_backdrop(random);
  person.sensor = draw_infrared_sensor(random);
  person.palm_pixels = uniform_ratio(random, 12.5f, 1.04f);
  person.stereo_pixels = random.uniform(11, 15);
  person.starts_left = random.chance(0.5f);
  return person;
}

Person draw_visible_person(Random random) {
  Person person;
  person.view = View::kFromFront;
  person.anatomy = draw_anatomy(random);
  person.arm = draw_raised_arm(random);
  person.camera = draw_camera(random);
  const Daylight daylight = draw_daylight(random);
  person.light = daylight;
  person.behind = draw_room(random, daylight.skin);
  person.sensor = draw_sensor(random);
  person.palm_pixels = uniform_ratio(random, 13, 1.55f);
  person.tilt = normal(random, 0, 12);
  person.stereo_pixels = 0;
  return person;
}

}  // namespace mudra::data
