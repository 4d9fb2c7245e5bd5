// A person in front of the camera: everything that stays the same from frame to frame.
#pragma once

#include "mudra/base/random.hpp"
#include "mudra/data/hand_arm.hpp"
#include "mudra/data/hand_backdrop.hpp"
#include "mudra/data/hand_camera.hpp"
#include "mudra/data/hand_sensor.hpp"
#include "mudra/data/hand_shape.hpp"
#include "mudra/data/hand_trace.hpp"

namespace mudra::data {

struct Person {
  Anatomy anatomy;
  Arm arm;
  Camera camera;
  Light light;
  Backdrop backdrop;
  Sensor sensor;
  float palm_pixels = 18;    // the palm's width in the picture at the usual distance
  float stereo_pixels = 13;  // between the hand's places in the two cameras
  bool starts_left = true;   // the left camera takes the even frames
};

Person draw_person(Random random);

}  // namespace mudra::data
