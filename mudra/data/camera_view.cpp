#include "mudra/data/camera_view.hpp"

#include <array>

#include "mudra/base/error.hpp"

namespace mudra::data {

std::vector<std::uint8_t> camera_view(const Image& picture, const PictureShape& shape) {
  const device::Cut cut = device::middle_of(picture.width, picture.height, shape);
  const device::ImageFormat format{
      .width = cut.width,
      .height = cut.height,
      .pixels = picture.channels == 1 ? device::PixelFormat::kGray8 : device::PixelFormat::kRgb888};
  const auto channels = static_cast<std::size_t>(picture.channels);
  const auto stride = static_cast<std::size_t>(picture.width) * channels;
  const std::size_t first =
      static_cast<std::size_t>(cut.top) * stride + static_cast<std::size_t>(cut.left) * channels;
  std::vector<std::uint8_t> view(shape.bytes());
  std::array<std::uint16_t, device::Resizer::kMostWorkWords> work;
  const device::Status status =
      device::resize(format, picture.pixels.data() + first, stride, shape, view, work);
  if (status != device::Status::kOk)
    fail("{} x {} pixels: {}", picture.width, picture.height, device::describe(status));
  return view;
}

}  // namespace mudra::data
