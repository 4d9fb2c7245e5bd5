#include "mudra/data/hand_backdrop.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

// Adds one ghost. With e the squared distance in radii, a soft ghost is (1 - e/4)^4, close to exp(-e), and a
// hard one is 1 inside and falls to 0 between e = 0.6 and e = 1.4.
void paint(const Ghost& ghost, FloatImage& image) {
  constexpr float kReach = 2;  // radii
  const float c = cosine(ghost.turn), s = sine(ghost.turn);
  const float reach_x = kReach * length({ghost.radius_x * c, ghost.radius_y * s, 0});
  const float reach_y = kReach * length({ghost.radius_x * s, ghost.radius_y * c, 0});
  const auto pixel = [](float at) { return static_cast<int>(std::clamp(at, 0.0f, float{kImageSide})); };
  const int left = pixel(ghost.x - reach_x), right = pixel(ghost.x + reach_x + 1);
  const int top = pixel(ghost.y - reach_y), bottom = pixel(ghost.y + reach_y + 1);
  const float across = 1.0f / ghost.radius_x, along = 1.0f / ghost.radius_y;
  const float soft_level = ghost.level * (1 - ghost.hardness), hard_level = ghost.level * ghost.hardness;
  for (int y = top; y < bottom; ++y) {
    float* row = image.data() + y * kImageSide;
    const float dy = static_cast<float>(y) - ghost.y;
    for (int x = left; x < right; ++x) {
      const float dx = static_cast<float>(x) - ghost.x;
      const float p = (dx * c + dy * s) * across, q = (dy * c - dx * s) * along, e = p * p + q * q;
      const float fade = std::max(0.0f, 1.0f - 0.25f * e), square = fade * fade;
      const float inside = std::min(1.0f, std::max(0.0f, (1.4f - e) * 1.25f));
      row[x] += soft_level * square * square + hard_level * inside;
    }
  }
}

}  // namespace

Backdrop draw_backdrop(Random& random) {
  Backdrop backdrop;
  backdrop.level = random.uniform(2.5f, 10);
  const float strength = random.uniform(0.4f, 1.8f);
  const auto add = [&](Ghost ghost) {
    ghost.level *= strength;
    backdrop.ghosts.push_back(ghost);
  };
  if (random.chance(0.75f)) {  // glows of the lamps, left and right
    const float y = random.uniform(38, 58);
    for (const float x : {random.uniform(-4, 6), random.uniform(90, 100)})
      add({x, normal(random, y, 2), random.uniform(8, 24), random.uniform(6, 20), 0, random.uniform(4, 26),
           0});
  }
  if (random.chance(0.6f)) {  // the person behind: face and torso
    const float x = random.uniform(35, 80), y = random.uniform(58, 88);
    add({x, y, random.uniform(3, 7), random.uniform(5, 11), normal(random, 0, 11), random.uniform(5, 20),
         0.7f});
    add({normal(random, x, 6), y + random.uniform(14, 26), random.uniform(10, 24), random.uniform(7, 14),
         normal(random, 0, 11), random.uniform(4, 16), 0.7f});
  }
  for (std::uint32_t i = random.below(6); i > 0; --i)
    add({random.uniform(0, 96), random.uniform(0, 96), random.uniform(1, 14), random.uniform(1, 14),
         random.uniform(0, 180), random.uniform(-4, 12), random.uniform()});
  return backdrop;
}

void paint_backdrop(const Backdrop& backdrop, FloatImage& image) {
  image.fill(backdrop.level);
  for (const Ghost& ghost : backdrop.ghosts) paint(ghost, image);
}

}  // namespace mudra::data
