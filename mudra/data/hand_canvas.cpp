#include "mudra/data/hand_canvas.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace mudra::data {
namespace {

int pixel_at(float at) { return static_cast<int>(std::clamp(at, 0.0f, float{kImageSide})); }

// One pass of weights share, 1 - 2 share, share at distance `step`, along x and along y.
void blur_once(FloatImage& image, int step, float share) {
  const float own = 1 - 2 * share;
  std::array<float, 3 * kImageSide> line;  // a row with its border repeated
  for (int y = 0; y < kImageSide; ++y) {
    float* row = image.data() + y * kImageSide;
    std::fill_n(line.begin(), kImageSide, row[0]);
    std::copy_n(row, kImageSide, line.begin() + kImageSide);
    std::fill_n(line.begin() + 2 * kImageSide, kImageSide, row[kImageSide - 1]);
    const float* at = line.data() + kImageSide;
    for (int x = 0; x < kImageSide; ++x) row[x] = own * at[x] + share * (at[x - step] + at[x + step]);
  }
  const FloatImage across = image;
  for (int y = 0; y < kImageSide; ++y) {
    const float* here = across.data() + y * kImageSide;
    const float* above = across.data() + std::max(0, y - step) * kImageSide;
    const float* below = across.data() + std::min(kImageSide - 1, y + step) * kImageSide;
    float* row = image.data() + y * kImageSide;
    for (int x = 0; x < kImageSide; ++x) row[x] = own * here[x] + share * (above[x] + below[x]);
  }
}

}  // namespace

void paint(const Patch& patch, FloatImage& image) {
  const float c = cosine(patch.turn), s = sine(patch.turn);
  const float rim = patch.softness, w = patch.half_width, h = patch.half_height;
  const float reach_x = std::abs(w * c) + std::abs(h * s) + rim,
              reach_y = std::abs(w * s) + std::abs(h * c) + rim;
  const int left = pixel_at(patch.middle.x - reach_x), right = pixel_at(patch.middle.x + reach_x + 1);
  const int top = pixel_at(patch.middle.y - reach_y), bottom = pixel_at(patch.middle.y + reach_y + 1);
  const float across = 1 / w, along = 1 / h, narrow = std::min(w, h), sharp = 1 / std::max(rim, 0.1f);
  for (int y = top; y < bottom; ++y) {
    float* row = image.data() + y * kImageSide;
    const float dy = static_cast<float>(y) + 0.5f - patch.middle.y;
    for (int x = left; x < right; ++x) {
      const float dx = static_cast<float>(x) + 0.5f - patch.middle.x;
      const float p = dx * c + dy * s, q = dy * c - dx * s;
      const float u = p * across, v = q * along;
      const float outside = patch.is_round ? (std::sqrt(u * u + v * v) - 1) * narrow
                                           : std::max(std::abs(p) - w, std::abs(q) - h);
      const float cover = patch.opacity * std::clamp(0.5f - outside * sharp, 0.0f, 1.0f);
      row[x] += cover * (patch.level + patch.slope * v - row[x]);
    }
  }
}

void add_grain(FloatImage& image, float amplitude, float cell, Random& random) {
  const int cells = static_cast<int>(float{kImageSide} / cell) + 2;
  std::vector<float> corner(static_cast<std::size_t>(cells * cells));
  for (float& value : corner) value = random.uniform(-amplitude, amplitude);
  const float scale = 1 / cell;
  std::array<int, kImageSide> left;
  std::array<float, kImageSide> share;
  for (int x = 0; x < kImageSide; ++x) {
    const auto i = static_cast<std::size_t>(x);
    const float at = static_cast<float>(x) * scale;
    left[i] = static_cast<int>(at);
    share[i] = at - std::floor(at);
  }
  std::vector<float> line(static_cast<std::size_t>(cells));
  for (int y = 0; y < kImageSide; ++y) {
    const float at = static_cast<float>(y) * scale, down = at - std::floor(at);
    const float* upper = corner.data() + static_cast<int>(at) * cells;
    for (int i = 0; i < cells; ++i)
      line[static_cast<std::size_t>(i)] = upper[i] + down * (upper[i + cells] - upper[i]);
    float* row = image.data() + y * kImageSide;
    for (std::size_t x = 0; x < kImageSide; ++x) {
      const float* near = line.data() + left[x];
      row[x] += near[0] + share[x] * (near[1] - near[0]);
    }
  }
}

void add_stripes(const Stripes& stripes, FloatImage& image) {
  const float c = cosine(stripes.turn), s = sine(stripes.turn), steep = 1 + 9 * stripes.edge;
  const auto wave = [&](float pixels) {
    return std::clamp(steep * sine((pixels + stripes.phase) * 360 / stripes.period), -1.0f, 1.0f);
  };
  for (int y = 0; y < kImageSide; ++y)
    for (int x = 0; x < kImageSide; ++x) {
      const float u = static_cast<float>(x) + 0.5f, v = static_cast<float>(y) + 0.5f;
      const float one = wave(u * c + v * s);
      image[static_cast<std::size_t>(y * kImageSide + x)] +=
          stripes.amplitude * (stripes.is_chequered ? one * wave(v * c - u * s) : one);
    }
}

void blur(FloatImage& image, float sigma) {
  constexpr int kWidest = 6;
  float variance = sigma * sigma;  // a pass adds 2 * share * step^2
  while (variance > 1e-4f) {
    const int step = std::clamp(static_cast<int>(std::sqrt(2 * variance)), 1, kWidest);
    const auto square = static_cast<float>(step * step);
    const float share = std::min(0.25f, variance / (2 * square));
    blur_once(image, step, share);
    variance -= 2 * share * square;
  }
}

void smear(FloatImage& image, PicturePoint motion) {
  const int steps = static_cast<int>(std::ceil(std::max(std::abs(motion.x), std::abs(motion.y))));
  if (steps == 0) return;
  const FloatImage still = image;
  image.fill(0);
  const float weight = 1 / static_cast<float>(steps + 1);
  for (int step = 0; step <= steps; ++step) {
    const float along = static_cast<float>(step) / static_cast<float>(steps) - 0.5f;
    const int dx = static_cast<int>(std::floor(motion.x * along + 0.5f));
    const int dy = static_cast<int>(std::floor(motion.y * along + 0.5f));
    for (int y = 0; y < kImageSide; ++y) {
      const float* from = still.data() + std::clamp(y + dy, 0, kImageSide - 1) * kImageSide;
      float* row = image.data() + y * kImageSide;
      for (int x = 0; x < kImageSide; ++x) row[x] += weight * from[std::clamp(x + dx, 0, kImageSide - 1)];
    }
  }
}

void mirror(FloatImage& image) {
  for (auto row = image.begin(); row != image.end(); row += kImageSide) std::reverse(row, row + kImageSide);
}

}  // namespace mudra::data
