// WebP pictures, by libwebp.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/data/image.hpp"

namespace mudra::data {

bool is_webp(std::span<const std::uint8_t> file);

// As decode_image, for a file that is_webp.
Image decode_webp(std::span<const std::uint8_t> file);

}  // namespace mudra::data
