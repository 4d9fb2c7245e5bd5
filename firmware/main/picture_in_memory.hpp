// A picture of the camera or of the network, where it lies.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mudra/device/image.hpp"

namespace mudra::firmware {

// Its rows one after another.
struct PictureInMemory {
  device::ImageFormat format;
  const std::uint8_t* pixels = nullptr;  // null: there is none

  bool is_color() const { return format.pixels != device::PixelFormat::kGray8; }
  // As it is sent: gray, or red, green and blue, which of RGB565 are made here.
  std::size_t bytes() const {
    return static_cast<std::size_t>(format.width) * static_cast<std::size_t>(format.height) *
           (is_color() ? 3 : 1);
  }
};

}  // namespace mudra::firmware
