// How a camera was held, from the EXIF data of a picture.
#pragma once

#include <cstdint>
#include <span>

#include "mudra/data/image.hpp"

namespace mudra::data {

// The orientation 1 to 8 (EXIF 2.3, tag 0x0112) that the contents of a JPEG's APP1 segment ("Exif", two zeros
// and a TIFF structure) or of an eXIf or EXIF chunk (which may leave these six bytes out) state; 1, upright,
// for anything absent or damaged.
int exif_orientation(std::span<const std::uint8_t> data);

// The picture turned and mirrored upright.
Image upright(Image image, int orientation);

}  // namespace mudra::data
