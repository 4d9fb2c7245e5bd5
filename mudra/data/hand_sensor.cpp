#include "mudra/data/hand_sensor.hpp"

#include <algorithm>

namespace mudra::data {
namespace {

constexpr std::size_t kSide = kImageSide;

void soften(FloatImage& image, float share) {
  FloatImage across = image;
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 1; x + 1 < kSide; ++x) {
      const float* at = image.data() + y * kSide + x;
      across[y * kSide + x] = (1 - 2 * share) * at[0] + share * (at[-1] + at[1]);
    }
  image = across;
  for (std::size_t y = 1; y + 1 < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x) {
      const std::size_t at = y * kSide + x;
      image[at] = (1 - 2 * share) * across[at] + share * (across[at - kSide] + across[at + kSide]);
    }
}

// Glare is smooth, so it is computed on cells of 4x4 pixels.
constexpr std::size_t kCell = 4, kCells = kSide / kCell;
using Cells = std::array<float, kCells * kCells>;

// Each cell becomes the mean of itself and its neighbours (1 2 1) along one direction.
void spread(Cells& cells, std::size_t step, std::size_t other) {
  for (std::size_t line = 0; line < kCells; ++line) {
    float* at = cells.data() + line * other;
    float before = at[0];
    for (std::size_t i = 0; i < kCells; ++i) {
      const float here = at[i * step], after = at[std::min(i + 1, kCells - 1) * step];
      at[i * step] = 0.25f * (before + after) + 0.5f * here;
      before = here;
    }
  }
}

void add_glare(FloatImage& image, float share) {
  Cells cells{};
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x)
      cells[y / kCell * kCells + x / kCell] += image[y * kSide + x] * (1.0f / (kCell * kCell));
  for (int pass = 0; pass < 4; ++pass) spread(cells, 1, kCells), spread(cells, kCells, 1);
  for (std::size_t y = 0; y < kSide; ++y) {
    // Between the centres of cells, linearly.
    const std::size_t upper = (std::max<std::size_t>(y, 2) - 2) / kCell,
                      lower = std::min(upper + 1, kCells - 1);
    const float down = y < 2 ? 0 : (static_cast<float>((y - 2) % kCell) + 0.5f) / kCell;
    std::array<float, kCells> line;
    for (std::size_t i = 0; i < kCells; ++i)
      line[i] = share * ((1 - down) * cells[upper * kCells + i] + down * cells[lower * kCells + i]);
    for (std::size_t x = 0; x < kSide; ++x) {
      const std::size_t left = (std::max<std::size_t>(x, 2) - 2) / kCell,
                        right = std::min(left + 1, kCells - 1);
      const float aside = x < 2 ? 0 : (static_cast<float>((x - 2) % kCell) + 0.5f) / kCell;
      image[y * kSide + x] += (1 - aside) * line[left] + aside * line[right];
    }
  }
}

}  // namespace

Sensor draw_sensor(Random& random) {
  Sensor sensor;
  sensor.softness = random.uniform(0.0f, 0.16f);
  sensor.glare = random.uniform(0.0f, 0.06f);
  sensor.noise = random.uniform(0.3f, 1.6f);
  return sensor;
}

void develop(const Sensor& sensor, FloatImage& image, Random noise, ImageOut out) {
  soften(image, sensor.softness);
  add_glare(image, sensor.glare);
  // The sum of two random bytes has mean 255 and standard deviation 104.5.
  const float scale = sensor.noise / 104.5f;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kImagePixels; ++i, bits >>= 16) {
    if (i % 4 == 0) bits = noise.bits();
    const auto bytes = static_cast<float>((bits & 0xFF) + (bits >> 8 & 0xFF));
    out[i] = static_cast<std::uint8_t>(std::clamp(image[i] + scale * (bytes - 255.0f) + 0.5f, 0.0f, 255.0f));
  }
}

}  // namespace mudra::data
