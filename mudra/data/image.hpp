// Pictures as files hold them: decoding PNG, JPEG, WebP and BMP, encoding PNG, and preparing them for the
// network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "mudra/data/dataset.hpp"
#include "mudra/device/image.hpp"

namespace mudra::data {

using device::gray_of;

// No decoded picture has more pixels than this; a file that promises more is refused before memory is taken.
inline constexpr std::uint64_t kMaxDecodedPixels = std::uint64_t{1} << 26;

struct Image {
  int width = 0;
  int height = 0;
  int channels = 1;                  // 1: gray; 3: red, green, blue
  std::vector<std::uint8_t> pixels;  // [height, width, channels]
  bool lacks_end = false;            // a JPEG without its end marker, every pixel of which is there
};

// A PNG (any bit depth, palette, interlaced; 16 bits are cut to 8), a JPEG (gray or colour), a WebP or a BMP,
// recognised by its first bytes, turned upright as its EXIF data say, without alpha; of PNG and JPEG the
// pixels cv::imread gives. Throws Error for anything else, for damaged files, CMYK and animations.
Image decode_image(std::span<const std::uint8_t> file);

// Throws Error, naming the limits, for a picture larger than the device or kMaxDecodedPixels allow.
void check_size(std::uint64_t width, std::uint64_t height);

// Whether the name ends like a picture's, in any case: what decode_image reads, and what it refuses by name.
bool has_image_extension(const std::filesystem::path& path);

// The bytes of an 8-bit gray or RGB PNG.
std::vector<std::uint8_t> encode_png(const Image& image);
// The same of a picture of a set.
std::vector<std::uint8_t> encode_png(std::span<const std::uint8_t> picture, const PictureShape& shape);

// The picture the network sees, of shape.bytes(), as the device makes it. Throws Error for sides the device
// refuses.
void prepare(const Image& image, const PictureShape& shape, std::span<std::uint8_t> out);

// The same of the picture file at `path`; errors begin with it.
std::vector<std::uint8_t> load_picture(const std::filesystem::path& path, const PictureShape& shape);

}  // namespace mudra::data
