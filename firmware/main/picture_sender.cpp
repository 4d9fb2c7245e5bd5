#include "picture_sender.hpp"

#include <algorithm>
#include <cstring>

namespace mudra::firmware {
namespace {

static_assert(device::kDataBytes % 3 == 0);  // a line has whole pixels

// As device::resize makes 8 bits of 5 and 6: rounded.
std::uint8_t to_8_bits(unsigned value, unsigned most) {
  return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
}

}  // namespace

PictureSender::PictureSender(Conversation& talk, const PictureInMemory& picture, std::uint16_t tag)
    : talk_(talk), picture_(picture), tag_(tag) {
  std::uint32_t checksum = 0;
  std::uint8_t bytes[device::kDataBytes];
  for (std::size_t at = 0; at < picture.bytes();) {
    const std::size_t count = take(at, bytes);
    checksum = device::crc32({bytes, count}, checksum);
    at += count;
  }
  const auto kind = picture.is_color() ? device::ImageKind::kRgb : device::ImageKind::kGray;
  talk.send(device::Picture{.kind = name_of(kind),
                            .height = picture.format.height,
                            .width = picture.format.width,
                            .bytes = static_cast<std::uint32_t>(picture.bytes()),
                            .crc32 = {checksum}},
            tag);
}

std::size_t PictureSender::take(std::size_t at, std::uint8_t* bytes) const {
  const std::size_t count = std::min(picture_.bytes() - at, device::kDataBytes);
  if (picture_.format.pixels != device::PixelFormat::kRgb565) {
    std::memcpy(bytes, picture_.pixels + at, count);
    return count;
  }
  const std::uint8_t* pixel = picture_.pixels + at / 3 * 2;
  for (std::size_t i = 0; i < count; i += 3, pixel += 2) {
    const unsigned bits = unsigned{pixel[0]} << 8 | pixel[1];
    bytes[i] = to_8_bits(bits >> 11, 31);
    bytes[i + 1] = to_8_bits(bits >> 5 & 63, 63);
    bytes[i + 2] = to_8_bits(bits & 31, 31);
  }
  return count;
}

bool PictureSender::send_line() {
  if (sent_ == picture_.bytes()) return false;
  std::uint8_t bytes[device::kDataBytes];
  const std::size_t count = take(sent_, bytes);
  talk_.send_data({bytes, count}, tag_);
  sent_ += count;
  return true;
}

}  // namespace mudra::firmware
