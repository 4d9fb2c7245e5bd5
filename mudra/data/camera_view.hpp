// A camera's picture on this PC as the board's camera would give it to the network.
#pragma once

#include <cstdint>
#include <vector>

#include "mudra/data/image.hpp"

namespace mudra::data {

// The middle of the picture that has the shape's proportions, resized by the device's integers:
// shape.bytes(). Throws Error for sides that the device refuses.
std::vector<std::uint8_t> camera_view(const Image& picture, const PictureShape& shape);

}  // namespace mudra::data
