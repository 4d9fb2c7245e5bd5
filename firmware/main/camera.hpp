// The camera as a source of pictures, if the configuration has one and it answers. What takes its time is
// done in a task of its own: ask for it, and look whether it has come.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "memory.hpp"
#include "mudra/device/image.hpp"
#include "orientation.hpp"
#include "picture_in_memory.hpp"
#include "text.hpp"
#include "worker.hpp"

namespace mudra::firmware {

class Camera {
 public:
  Camera() : worker_("camera", kStackBytes, 0) {}

  // Once, for pictures of this shape, 96 x 96 gray ones if it is none. False: problem() says why; empty when
  // the configuration has no camera. `orientation` sets its pictures upright: by the sensor where that can.
  bool open(const device::PictureShape& shape, const Orientation& orientation = configured_orientation());
  // Pictures of another shape from now on, if there is one.
  void change(const device::PictureShape& shape);
  bool is_open() const { return open_; }
  bool was_open() const { return was_open_; }
  std::string_view problem() const { return problem_.view(); }
  std::string_view sensor() const { return sensor_.view(); }

  // Asks for the next picture, unless something is asked for already. Precondition: it is open.
  void ask();
  // Begins anew, as open() did: after a picture that did not come. Precondition: wait() was true.
  void ask_anew();
  // Whether what was asked for is done, waiting up to `ms` for it. is_open() says how it went: a camera that
  // gave no picture has to begin anew.
  bool wait(int ms);

  // The picture that came: its middle of the shape's proportions, resized. False when none did or it has
  // another size than the camera was set to, or than the shape.
  bool take(std::span<std::uint8_t> picture);

  // The picture that came as the camera gives it, until give_back(). Without pixels when none came, or it has
  // another size than the camera was set to.
  PictureInMemory borrow();
  void give_back();

  const Worker& worker() const { return worker_; }

 private:
  static constexpr std::uint32_t kStackBytes = 4096;

  void finish();
  void begun_anew();
  void gave_none();

  // What its task does: fetches a picture, or begins anew.
  struct Work {
    bool anew = false, color = false;
    bool open = false;      // the camera, before and afterwards
    int error = 0;          // an esp_err_t, of beginning anew
    void* frame = nullptr;  // a camera_fb_t
    void operator()();
  };

  Worker worker_;
  Work work_;
  bool asked_ = false;
  bool open_ = false, was_open_ = false;
  device::PictureShape shape_;
  Orientation wanted_;
  Orientation orientation_;  // what the sensor leaves to do
  Block resizer_;            // its memory
  Text problem_, sensor_;
};

}  // namespace mudra::firmware
