// JPEG files for tests.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>
// after cstdio, which it needs
#include <jpeglib.h>

#include "mudra/data/image.hpp"

namespace mudra::data {

enum class Scans { kOne, kProgressive };

// `image` has the channels of `in`; the file stores `stored`. Quality 100.
inline std::vector<std::uint8_t> write_jpeg(const Image& image, J_COLOR_SPACE in, J_COLOR_SPACE stored,
                                            Scans scans = Scans::kOne) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = in;
  jpeg_set_defaults(&jpeg);
  jpeg_set_colorspace(&jpeg, stored);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (scans == Scans::kProgressive) jpeg_simple_progression(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < image.height; ++y) {
    auto* row = const_cast<JSAMPROW>(image.pixels.data() + y * image.width * image.channels);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::vector<std::uint8_t> file(memory, memory + size);
  std::free(memory);
  return file;
}

}  // namespace mudra::data
