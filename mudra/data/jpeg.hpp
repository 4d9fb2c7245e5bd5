// The JPEG half of image.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/data/image.hpp"

namespace mudra::data {

bool is_jpeg(std::span<const std::uint8_t> file);
Image decode_jpeg(std::span<const std::uint8_t> file);

}  // namespace mudra::data
