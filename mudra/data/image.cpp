#include "mudra/data/image.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/lower_case.hpp"
#include "mudra/data/bmp.hpp"
#include "mudra/data/jpeg.hpp"
#include "mudra/data/png.hpp"
#include "mudra/data/webp.hpp"

namespace mudra::data {

Image decode_image(std::span<const std::uint8_t> file) {
  if (is_png(file)) return decode_png(file);
  if (is_jpeg(file)) return decode_jpeg(file);
  if (is_webp(file)) return decode_webp(file);
  if (is_bmp(file)) return decode_bmp(file);
  if (file.empty()) fail("is empty");
  fail("is no PNG, JPEG, WebP or BMP picture");
}

void check_size(std::uint64_t width, std::uint64_t height) {
  constexpr std::uint64_t kMostSide = device::kMaxImageSide;
  if (width > kMostSide || height > kMostSide || width * height > kMaxDecodedPixels)
    fail("{} x {} pixels are more than a picture may have: {} a side, {} in all", width, height, kMostSide,
         kMaxDecodedPixels);
}

bool has_image_extension(const std::filesystem::path& path) {
  const std::string extension = lower_case(path.extension().string());
  constexpr std::array kRead = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib"};
  constexpr std::array kRefused = {".gif", ".tif", ".tiff", ".heic", ".heif", ".avif"};
  return std::ranges::find(kRead, extension) != kRead.end() ||
         std::ranges::find(kRefused, extension) != kRefused.end();
}

std::vector<std::uint8_t> encode_png(std::span<const std::uint8_t> picture, const PictureShape& shape) {
  return encode_png(Image{.width = shape.width,
                          .height = shape.height,
                          .channels = shape.channels,
                          .pixels = {picture.begin(), picture.end()}});
}

void prepare(const Image& image, const PictureShape& shape, std::span<std::uint8_t> out) {
  const device::ImageFormat format{
      .width = image.width,
      .height = image.height,
      .pixels = image.channels == 1 ? device::PixelFormat::kGray8 : device::PixelFormat::kRgb888};
  const auto stride = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.channels);
  std::array<std::uint16_t, device::Resizer::kMostWorkWords> work;
  const device::Status status = device::resize(format, image.pixels.data(), stride, shape, out, work);
  if (status != device::Status::kOk)
    fail("{} x {} pixels: {}", image.width, image.height, device::describe(status));
}

std::vector<std::uint8_t> load_picture(const std::filesystem::path& path, const PictureShape& shape) {
  const std::vector<std::uint8_t> file = read_file(path);
  return with_context(path.string(), [&] {
    std::vector<std::uint8_t> pixels(shape.bytes());
    prepare(decode_image(file), shape, pixels);
    return pixels;
  });
}

}  // namespace mudra::data
