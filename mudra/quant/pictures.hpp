// The pictures a network is calibrated and judged with: pixels in memory, real numbers a few at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace mudra::quant {

// A pixel p is the real number p / 255.
struct Pictures {
  std::span<const std::uint8_t> pixels;  // [size(), picture_size]
  std::size_t picture_size = 1;

  std::size_t size() const { return pixels.size() / picture_size; }
  Pictures part(std::size_t first, std::size_t count) const {
    return {pixels.subspan(first * picture_size, count * picture_size), picture_size};
  }
};

// [pictures.size(), picture_size]
std::vector<float> real_values(const Pictures& pictures);

// The pixels of at most `most` pictures spread evenly over `pictures`.
std::vector<std::uint8_t> spread(const Pictures& pictures, std::size_t most);

}  // namespace mudra::quant
