#include "mudra/data/hand_canvas.hpp"

#include <gtest/gtest.h>

namespace mudra::data {
namespace {

constexpr float kBright = 100;
constexpr int kCell = 4;

float level_at(const FloatImage& image, int x, int y) {
  return image[static_cast<std::size_t>(y * kImageSide + x)];
}

FloatImage chequerboard(float phase) {
  FloatImage image = {};
  add_stripes(
      {.amplitude = kBright, .period = 2 * kCell, .phase = phase, .turn = 0, .edge = 1, .is_chequered = true},
      image);
  return image;
}

TEST(Stripes, are_a_chequerboard_of_whole_pixels_black_and_white_side_by_side) {
  const FloatImage board = chequerboard(0);
  for (int y = 0; y < kImageSide; ++y)
    for (int x = 0; x < kImageSide; ++x)
      ASSERT_EQ(level_at(board, x, y), (x / kCell + y / kCell) % 2 == 0 ? kBright : -kBright)
          << x << ' ' << y;
}

TEST(Stripes, are_moved_by_their_phase_along_both_axes) {
  const FloatImage board = chequerboard(0), moved = chequerboard(1);
  for (int y = 0; y + 1 < kImageSide; ++y)
    for (int x = 0; x + 1 < kImageSide; ++x)
      ASSERT_EQ(level_at(moved, x, y), level_at(board, x + 1, y + 1)) << x << ' ' << y;
}

}  // namespace
}  // namespace mudra::data
