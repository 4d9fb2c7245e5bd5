#include "mudra/data/hand_sensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "mudra/data/hand_variation.hpp"

namespace mudra::data {
namespace {

constexpr std::size_t kSide = kImageSide;

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

// The orthonormal DCT of eight values: entry [k][i] is the share of value i in coefficient k.
using Cosines = std::array<std::array<float, 8>, 8>;

Cosines cosines() {
  Cosines table;
  for (int k = 0; k < 8; ++k)
    for (int i = 0; i < 8; ++i)
      table[static_cast<std::size_t>(k)][static_cast<std::size_t>(i)] =
          (k == 0 ? 0.353553391f : 0.5f) * cosine(11.25f * static_cast<float>((2 * i + 1) * k));
  return table;
}

using Block = std::array<std::array<float, 8>, 8>;

// table * block * table^T, or with the table transposed.
Block transformed(const Cosines& table, const Block& block, bool back) {
  const auto entry = [&](std::size_t k, std::size_t i) { return back ? table[i][k] : table[k][i]; };
  Block half{}, whole{};
  for (std::size_t k = 0; k < 8; ++k)
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t x = 0; x < 8; ++x) half[k][x] += entry(k, i) * block[i][x];
  for (std::size_t y = 0; y < 8; ++y)
    for (std::size_t k = 0; k < 8; ++k)
      for (std::size_t i = 0; i < 8; ++i) whole[y][k] += half[y][i] * entry(k, i);
  return whole;
}

// Higher frequencies are rounded to larger steps, as in a JPEG.
void lose_detail(FloatImage& image, float step) {
  static const Cosines table = cosines();
  for (std::size_t top = 0; top < kSide; top += 8)
    for (std::size_t left = 0; left < kSide; left += 8) {
      Block block;
      for (std::size_t y = 0; y < 8; ++y)
        std::copy_n(image.data() + (top + y) * kSide + left, 8, block[y].begin());
      block = transformed(table, block, false);
      for (std::size_t y = 0; y < 8; ++y)
        for (std::size_t x = 0; x < 8; ++x) {
          const float unit = step * (1 + 0.5f * static_cast<float>(x + y));
          block[y][x] = unit * std::floor(block[y][x] / unit + 0.5f);
        }
      block = transformed(table, block, true);
      for (std::size_t y = 0; y < 8; ++y)
        std::copy_n(block[y].begin(), 8, image.data() + (top + y) * kSide + left);
    }
}

}  // namespace

Sensor draw_infrared_sensor(Random& random) {
  Sensor sensor;
  sensor.blur = std::sqrt(2 * random.uniform(0.0f, 0.16f));
  sensor.glare = random.uniform(0.0f, 0.06f);
  sensor.noise = random.uniform(0.3f, 1.6f);
  return sensor;
}

Sensor draw_sensor(Random& random) {
  Sensor sensor;
  sensor.blur = random.chance(0.15f) ? random.uniform(0.7f, 1.4f) : random.uniform(0.0f, 0.7f);
  if (random.chance(0.1f)) sensor.motion = {normal(random, 0, 1.5f), normal(random, 0, 1.5f)};
  sensor.glare = random.uniform(0.0f, 0.05f);
  if (random.chance(0.3f)) {
    sensor.gain = uniform_ratio(random, 0.6f, 1.3f);
    sensor.offset = 128 * (1 - sensor.gain) + normal(random, 0, 20);
  }
  sensor.noise = uniform_ratio(random, 0.4f, 4);
  if (random.chance(0.25f)) sensor.loss = random.uniform(2, 14);
  return sensor;
}

void develop(const Sensor& sensor, FloatImage& image, Random noise, ImageOut out) {
  blur(image, sensor.blur);
  smear(image, sensor.motion);
  add_glare(image, sensor.glare);
  // The sum of two random bytes has mean 255 and standard deviation 104.5.
  const float scale = sensor.noise / 104.5f;
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kImagePixels; ++i, bits >>= 16) {
    if (i % 4 == 0) bits = noise.bits();
    const auto bytes = static_cast<float>((bits & 0xFF) + (bits >> 8 & 0xFF));
    image[i] = sensor.gain * image[i] + sensor.offset + scale * (bytes - 255.0f);
  }
  if (sensor.loss > 0) lose_detail(image, sensor.loss);
  std::ranges::transform(image, out.begin(), [](float level) {
    return static_cast<std::uint8_t>(std::clamp(level + 0.5f, 0.0f, 255.0f));
  });
}

}  // namespace mudra::data
