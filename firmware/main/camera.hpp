// The camera as a source of pictures, if the configuration has one and it answers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "memory.hpp"
#include "mudra/device/image.hpp"
#include "orientation.hpp"
#include "picture_in_memory.hpp"
#include "text.hpp"

namespace mudra::firmware {

class Camera {
 public:
  // Once, for pictures of this shape, 96 x 96 gray ones if it is none. False: problem() says why; empty when
  // the configuration has no camera. `orientation` sets its pictures upright: by the sensor where that can.
  bool open(const device::PictureShape& shape, const Orientation& orientation = configured_orientation());
  // Pictures of another shape from now on, if there is one.
  void change(const device::PictureShape& shape);
  bool is_open() const { return open_; }
  std::string_view problem() const { return problem_.view(); }
  std::string_view sensor() const { return sensor_.view(); }

  // After a picture that did not come: begins anew, as after open(). False: it does not answer.
  bool reopen();

  // The next picture: its middle of the shape's proportions, resized. False when none came or it has another
  // size than the camera was set to, or than the shape.
  bool grab(std::span<std::uint8_t> picture);

  // The next picture as the camera gives it, until give_back(). Without pixels when none came, or it has
  // another size than the camera was set to.
  PictureInMemory borrow();
  void give_back();

 private:
  bool start();

  bool open_ = false, was_open_ = false;
  device::PictureShape shape_;
  void* borrowed_ = nullptr;  // a camera_fb_t
  Orientation wanted_;
  Orientation orientation_;  // what the sensor leaves to do
  Block work_;               // of the resizer
  Text problem_, sensor_;
};

}  // namespace mudra::firmware
