#include "mudra/data/hand_camera.hpp"

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {

Camera draw_infrared_camera(Random& random) {
  Camera camera;
  camera.focal_x = random.uniform(24, 44);
  camera.focal_y = camera.focal_x * random.uniform(1.25f, 1.6f);
  camera.centre_x = normal(random, 48, 2);
  camera.centre_y = normal(random, 48, 2);
  camera.bend = random.uniform(0.03f, 0.54f);
  return camera;
}

Camera draw_camera(Random& random) {
  Camera camera;
  camera.focal_y = random.uniform(55, 120);
  camera.focal_x = camera.focal_y * (random.chance(0.5f) ? 1.0f : random.uniform(0.72f, 1.15f));
  camera.bend = 0;
  return camera;
}

Rotation::Rotation(float yaw, float pitch, float roll) {
  const auto turn = [&](Vec v) {
    v = {v.x * cosine(yaw) - v.z * sine(yaw), v.y, v.x * sine(yaw) + v.z * cosine(yaw)};
    v = {v.x, v.y * cosine(pitch) - v.z * sine(pitch), v.y * sine(pitch) + v.z * cosine(pitch)};
    return Vec{v.x * cosine(roll) + v.y * sine(roll), v.y * cosine(roll) - v.x * sine(roll), v.z};
  };
  x_ = turn({1, 0, 0}), y_ = turn({0, 1, 0}), z_ = turn({0, 0, 1});
}

}  // namespace mudra::data
