#include "orientation.hpp"

#include <algorithm>
#include <cstddef>

#include "sdkconfig.h"

namespace mudra::firmware {
namespace {

struct Pixel2 {
  std::uint8_t bytes[2];
};

template <typename Pixel>
void turn_upside_down(Pixel* pixels, std::size_t width, std::size_t height) {
  for (std::size_t y = 0; y < height / 2; ++y)
    std::swap_ranges(pixels + y * width, pixels + (y + 1) * width, pixels + (height - 1 - y) * width);
}

template <typename Pixel>
void mirror(Pixel* pixels, std::size_t width, std::size_t height) {
  for (std::size_t y = 0; y < height; ++y) std::reverse(pixels + y * width, pixels + (y + 1) * width);
}

// Four pixels at a time, each to where the next one was.
template <typename Pixel>
void turn_square_clockwise(Pixel* pixels, std::size_t side) {
  const auto at = [&](std::size_t y, std::size_t x) -> Pixel& { return pixels[y * side + x]; };
  for (std::size_t y = 0; y < side / 2; ++y)
    for (std::size_t x = 0; x < (side + 1) / 2; ++x) {
      const std::size_t down = side - 1 - y, right = side - 1 - x;
      const Pixel first = at(y, x);
      at(y, x) = at(right, y);
      at(right, y) = at(down, right);
      at(down, right) = at(x, down);
      at(x, down) = first;
    }
}

template <typename Pixel>
void orient_pixels(Pixel* pixels, std::size_t width, std::size_t height, const Orientation& orientation) {
  const bool half_turn = orientation.quarter_turns >= 2;
  if (orientation.vflip != half_turn) turn_upside_down(pixels, width, height);
  if (orientation.mirror != half_turn) mirror(pixels, width, height);
  if (orientation.needs_square()) turn_square_clockwise(pixels, width);
}

}  // namespace

Orientation configured_orientation() {
  Orientation orientation;
#if CONFIG_MUDRA_CAMERA_VFLIP
  orientation.vflip = true;
#endif
#if CONFIG_MUDRA_CAMERA_MIRROR
  orientation.mirror = true;
#endif
#ifdef CONFIG_MUDRA_CAMERA_QUARTER_TURNS
  orientation.quarter_turns = CONFIG_MUDRA_CAMERA_QUARTER_TURNS;
#endif
  return orientation;
}

void orient(std::uint8_t* pixels, int width, int height, int pixel_bytes, Orientation orientation) {
  const auto columns = static_cast<std::size_t>(width), rows = static_cast<std::size_t>(height);
  if (pixel_bytes == 1)
    orient_pixels(pixels, columns, rows, orientation);
  else
    orient_pixels(reinterpret_cast<Pixel2*>(pixels), columns, rows, orientation);
}

}  // namespace mudra::firmware
