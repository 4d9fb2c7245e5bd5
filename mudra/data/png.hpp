// The PNG half of image.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/data/image.hpp"

namespace mudra::data {

bool is_png(std::span<const std::uint8_t> file);
Image decode_png(std::span<const std::uint8_t> file);

}  // namespace mudra::data
