#include "mudra/data/camera_view.hpp"

#include <gtest/gtest.h>

namespace mudra::data {
namespace {

TEST(CameraView, is_the_middle_of_the_shapes_proportions_resized_as_on_the_chip) {
  Image picture{
      .width = 640, .height = 480, .channels = 1, .pixels = std::vector<std::uint8_t>(640 * 480, 9)};
  // What a square cut leaves out at both sides is bright.
  for (int y = 0; y < 480; ++y)
    for (int x = 0; x < 640; ++x)
      if (x < 80 || x >= 560) picture.pixels[static_cast<std::size_t>(640 * y + x)] = 255;
  EXPECT_EQ(camera_view(picture, {}), std::vector<std::uint8_t>(96 * 96, 9));
}

TEST(CameraView, a_picture_of_the_shape_stays_what_it_is) {
  Image picture{.width = 96, .height = 96, .channels = 1, .pixels = std::vector<std::uint8_t>(96 * 96)};
  for (std::size_t i = 0; i < picture.pixels.size(); ++i)
    picture.pixels[i] = static_cast<std::uint8_t>(31 * i + i / 96);
  EXPECT_EQ(camera_view(picture, {}), picture.pixels);
}

TEST(CameraView, gray_and_colour_become_each_other) {
  const Image picture{.width = 16, .height = 12, .channels = 1, .pixels = std::vector<std::uint8_t>(192, 77)};
  EXPECT_EQ(camera_view(picture, {.height = 8, .width = 8, .channels = 3}),
            std::vector<std::uint8_t>(192, 77));
}

}  // namespace
}  // namespace mudra::data
