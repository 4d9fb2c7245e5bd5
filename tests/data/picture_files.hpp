// BMP and WebP files for tests.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <webp/encode.h>

#include "mudra/data/image.hpp"

namespace mudra::data {

struct BmpKind {
  int width = 0;
  int height = 0;  // negative: rows from the top
  int bits = 24;
  std::uint32_t compression = 0;                     // 0: none; 3: masks
  std::vector<std::uint32_t> masks = {};             // behind the header
  std::vector<std::uint32_t> palette = {};           // 0xRRGGBB
  std::vector<std::vector<std::uint8_t>> rows = {};  // as they lie in the file, without padding
};

inline std::vector<std::uint8_t> write_bmp(const BmpKind& kind) {
  std::vector<std::uint8_t> file = {'B', 'M'};
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value /= 256) file.push_back(static_cast<std::uint8_t>(value));
  };
  put(0, 8);  // the file's size and what nobody reads
  put(static_cast<std::uint32_t>(54 + 4 * (kind.masks.size() + kind.palette.size())), 4);
  put(40, 4);
  put(static_cast<std::uint32_t>(kind.width), 4);
  put(static_cast<std::uint32_t>(kind.height), 4);
  put(1, 2);
  put(static_cast<std::uint32_t>(kind.bits), 2);
  put(kind.compression, 4);
  put(0, 12);
  put(static_cast<std::uint32_t>(kind.palette.size()), 4);
  put(0, 4);
  for (const std::uint32_t mask : kind.masks) put(mask, 4);
  for (const std::uint32_t color : kind.palette) put(color, 4);
  for (const auto& row : kind.rows) {
    file.insert(file.end(), row.begin(), row.end());
    while ((file.size() - 54 - 4 * (kind.masks.size() + kind.palette.size())) % 4 != 0) file.push_back(0);
  }
  return file;
}

// Of an RGB picture, every pixel kept.
inline std::vector<std::uint8_t> write_webp(const Image& image) {
  std::uint8_t* memory = nullptr;
  const std::size_t size =
      WebPEncodeLosslessRGB(image.pixels.data(), image.width, image.height, 3 * image.width, &memory);
  std::vector<std::uint8_t> file(memory, memory + size);
  WebPFree(memory);
  return file;
}

}  // namespace mudra::data
