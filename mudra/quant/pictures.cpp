#include "mudra/quant/pictures.hpp"

#include <algorithm>

namespace mudra::quant {

std::vector<float> real_values(const Pictures& pictures) {
  std::vector<float> values(pictures.pixels.size());
  std::ranges::transform(pictures.pixels, values.begin(),
                         [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; });
  return values;
}

std::vector<std::uint8_t> spread(const Pictures& pictures, std::size_t most) {
  const std::size_t count = std::min(most, pictures.size());
  std::vector<std::uint8_t> pixels;
  pixels.reserve(count * pictures.picture_size);
  for (std::size_t i = 0; i < count; ++i) {
    const auto picture = pictures.part(i * pictures.size() / count, 1).pixels;
    pixels.insert(pixels.end(), picture.begin(), picture.end());
  }
  return pixels;
}

}  // namespace mudra::quant
