// The shape of a picture as a network takes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mudra::device {

// Bytes from the top row on, from left to right, the channels of a pixel together: gray, or red, green, blue.
struct PictureShape {
  int height = 96, width = 96;
  int channels = 1;  // 1 or 3

  constexpr std::size_t pixels() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  constexpr std::size_t bytes() const { return pixels() * static_cast<std::size_t>(channels); }
  constexpr bool is_color() const { return channels == 3; }

  friend constexpr bool operator==(const PictureShape&, const PictureShape&) = default;
};

// Below, a picture shows nothing; above, it is a photograph's side, not a network's: 768 KB in colour.
inline constexpr int kMinPictureSide = 8, kMaxPictureSide = 512;

// Whether pictures can have this shape.
constexpr bool is_picture(const PictureShape& shape) {
  return shape.height >= kMinPictureSide && shape.height <= kMaxPictureSide &&
         shape.width >= kMinPictureSide && shape.width <= kMaxPictureSide &&
         (shape.channels == 1 || shape.channels == 3);
}

// Of sizes [1, height, width, channels]; nothing where that is no picture.
constexpr std::optional<PictureShape> picture_shape(std::span<const std::int64_t> sizes) {
  if (sizes.size() != 4 || sizes[0] != 1) return std::nullopt;
  for (const std::int64_t size : sizes)
    if (size < 1 || size > kMaxPictureSide) return std::nullopt;
  const PictureShape shape{.height = static_cast<int>(sizes[1]),
                           .width = static_cast<int>(sizes[2]),
                           .channels = static_cast<int>(sizes[3])};
  return is_picture(shape) ? std::optional(shape) : std::nullopt;
}

}  // namespace mudra::device
