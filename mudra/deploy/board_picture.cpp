#include "mudra/deploy/board_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mudra::deploy {

bool PictureReceiver::take(const device::Line& line) {
  if (device::is_data(line)) return add(line);
  if (line.kind != device::Picture::kKind) return true;
  device::Picture announced;
  return device::read(line, announced) ? begin(announced) : refuse("its announcement is incomplete");
}

bool PictureReceiver::begin(const device::Picture& announced) {
  forget();
  const bool gray = announced.kind == name_of(device::ImageKind::kGray);
  const device::PictureShape shape{
      .height = announced.height, .width = announced.width, .channels = gray ? 1 : 3};
  if ((!gray && announced.kind != name_of(device::ImageKind::kRgb)) || !is_picture(shape))
    return refuse(fmt::format("{} x {} of what it sends is no picture", announced.width, announced.height));
  if (announced.bytes != shape.bytes())
    return refuse(fmt::format("{} bytes are not {} x {} pixels", announced.bytes, shape.width, shape.height));
  picture_.shape = shape;
  picture_.pixels.reserve(shape.bytes());
  expected_ = shape.bytes();
  checksum_ = announced.crc32.value;
  problem_ = "it ended early";
  return true;
}

bool PictureReceiver::add(const device::Line& line) {
  std::uint8_t bytes[device::kMostDataBytes];
  const int count = device::data_in(line, bytes);
  if (expected_ == 0) return refuse("data came that was not announced");
  const auto size = static_cast<std::size_t>(count);
  const std::size_t left = expected_ - picture_.pixels.size();
  if (count < 0 || size != std::min(left, device::kDataBytes))
    return refuse("a line of it is missing or wrong");
  picture_.pixels.insert(picture_.pixels.end(), bytes, bytes + size);
  if (picture_.pixels.size() < expected_) return true;
  expected_ = 0;
  if (device::crc32(picture_.pixels) != checksum_) return refuse("its checksum is wrong");
  whole_ = true;
  return true;
}

bool PictureReceiver::refuse(std::string why) {
  forget();
  problem_ = std::move(why);
  return false;
}

}  // namespace mudra::deploy
