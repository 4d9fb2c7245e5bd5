// The camera as a source of pictures, if the configuration has one and it answers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/image.hpp"
#include "text.hpp"

namespace mudra::firmware {

class Camera {
 public:
  // Once. False: problem() says why; empty when the configuration has no camera.
  bool open();
  bool is_open() const { return open_; }
  std::string_view problem() const { return problem_.view(); }
  std::string_view sensor() const { return sensor_.view(); }

  // The next picture, resized. False when none came or it has another size than the camera was set to.
  bool grab(std::span<std::uint8_t, device::kPixels> gray);

 private:
  bool open_ = false;
  Text problem_, sensor_;
};

}  // namespace mudra::firmware
