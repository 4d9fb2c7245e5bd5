// Where the hand is and how the camera sees it: turning, the wide-angle lens, and whether a picture still
// shows what its label says.
//
// Axes of the camera: x right, y up in the picture, z away from the camera, in millimetres. The picture is
// a frame squeezed to 96x96, of the near-infrared camera one of 640x240; its coordinates are pixels of 96, y
// down.
#pragma once

#include "mudra/base/random.hpp"
#include "mudra/data/hand_math.hpp"

namespace mudra::data {

struct PicturePoint {
  float x = 0, y = 0;
};

// A fish-eye: a direction at tan t from the axis appears at distance tan t / sqrt(1 + bend * tan^2 t) focal
// lengths from the centre, so it is a pinhole for bend 0 and sees at most 90 degrees for any other.
struct Camera {
  float focal_x = 36, focal_y = 50;  // pixels
  float centre_x = 48, centre_y = 48;
  float bend = 0.2f;

  PicturePoint project(Vec point) const {
    const float z = std::max(point.z, kNearest);
    const float scale = 1.0f / std::sqrt(z * z + bend * (point.x * point.x + point.y * point.y));
    return {centre_x + focal_x * point.x * scale, centre_y - focal_y * point.y * scale};
  }

  static constexpr float kNearest = 5;  // points behind are drawn as if here
};

Camera draw_infrared_camera(Random& random);
Camera draw_camera(Random& random);  // an ordinary one: a pinhole, its pixels square or squeezed a little

// First yaw (the thumb's side goes away from the camera), then pitch (the finger tips go away), then roll
// (clockwise), in degrees.
class Rotation {
 public:
  Rotation(float yaw, float pitch, float roll);
  Vec operator()(Vec v) const { return x_ * v.x + y_ * v.y + z_ * v.z; }

 private:
  Vec x_, y_, z_;  // where the axes go
};

}  // namespace mudra::data
