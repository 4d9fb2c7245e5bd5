// BMP pictures: small, and what microcontrollers' cameras and scanning tools save.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/data/image.hpp"

namespace mudra::data {

bool is_bmp(std::span<const std::uint8_t> file);

// As decode_image, for a file that is_bmp: RGB, from 1, 4 or 8 bits with a palette, 16 (5 bits a colour, or
// masks), 24 or 32 bits, rows from the bottom or from the top. Throws Error also for run lengths and for
// pictures of another format in a BMP's clothes.
Image decode_bmp(std::span<const std::uint8_t> file);

}  // namespace mudra::data
