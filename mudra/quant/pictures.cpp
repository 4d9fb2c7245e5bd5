#include "mudra/quant/pictures.hpp"

#include <algorithm>

#include "mudra/graph/pixel_values.hpp"

namespace mudra::quant {

std::vector<float> real_values(const Pictures& pictures, const graph::Graph& network) {
  if (!pictures.reals.empty()) return {pictures.reals.begin(), pictures.reals.end()};
  return graph::PixelValues(normalization_of(network)).of(pictures.pixels);
}

PictureCopy::PictureCopy(const Pictures& pictures, std::size_t most) : picture_size_(pictures.picture_size) {
  const std::size_t count = std::min(most, pictures.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Pictures picture = pictures.part(i * pictures.size() / count, 1);
    pixels_.insert(pixels_.end(), picture.pixels.begin(), picture.pixels.end());
    reals_.insert(reals_.end(), picture.reals.begin(), picture.reals.end());
  }
}

}  // namespace mudra::quant
