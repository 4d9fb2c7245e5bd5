// A person in front of the camera: everything that stays the same from frame to frame.
#pragma once

#include <variant>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_arm.hpp"
#include "mudra/data/hand_backdrop.hpp"
#include "mudra/data/hand_camera.hpp"
#include "mudra/data/hand_light.hpp"
#include "mudra/data/hand_pose.hpp"
#include "mudra/data/hand_room.hpp"
#include "mudra/data/hand_sensor.hpp"
#include "mudra/data/hand_shape.hpp"

namespace mudra::data {

struct Person {
  Anatomy anatomy;
  Arm arm;
  View view = View::kFromBelow;
  Camera camera;
  Light light;
  std::variant<Backdrop, Room> behind;
  Sensor sensor;
  float palm_pixels = 18;    // the palm's width in the picture at the usual distance
  float tilt = 0;            // of the camera downwards, degrees: hands seem pitched by as much
  float stereo_pixels = 13;  // between the hand's places in the two cameras
  bool starts_left = true;   // the left camera takes the even frames
};

Person draw_infrared_person(Random random);
Person draw_visible_person(Random random);

}  // namespace mudra::data
