// The pictures a network is calibrated and judged with: pixels in memory, real numbers a few at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::quant {

// Pixels are the real numbers that a network's metadata says (graph/pixel_values.hpp).
struct Pictures {
  std::span<const std::uint8_t> pixels;  // [size(), picture_size]
  std::size_t picture_size = 1;
  std::span<const float> reals{};  // the same, instead of pixels, of inputs that are none

  std::size_t size() const { return (reals.empty() ? pixels.size() : reals.size()) / picture_size; }
  Pictures part(std::size_t first, std::size_t count) const {
    const std::size_t begin = first * picture_size, length = count * picture_size;
    if (!reals.empty()) return {{}, picture_size, reals.subspan(begin, length)};
    return {pixels.subspan(begin, length), picture_size};
  }
};

// Pictures with memory of their own.
class PictureCopy {
 public:
  // At most `most`, spread evenly over `pictures`.
  PictureCopy(const Pictures& pictures, std::size_t most);

  Pictures pictures() const { return {pixels_, picture_size_, reals_}; }

 private:
  std::size_t picture_size_;
  std::vector<std::uint8_t> pixels_;
  std::vector<float> reals_;
};

// What `network` takes for them, [pictures.size(), picture_size].
std::vector<float> real_values(const Pictures& pictures, const graph::Graph& network);

}  // namespace mudra::quant
