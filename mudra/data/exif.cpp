#include "mudra/data/exif.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace mudra::data {
namespace {

// Integers of a TIFF structure, whose first two bytes say in which order theirs are.
class Tiff {
 public:
  explicit Tiff(std::span<const std::uint8_t> bytes)
      : bytes_(bytes), little_(!bytes.empty() && bytes[0] == 'I') {}

  // Unsigned, of 2 or 4 bytes; nothing beyond the end.
  std::optional<std::uint32_t> integer(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes_[little_ ? at + size - 1 - i : at + i];
    return value;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  bool little_;
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> data) {
  constexpr std::string_view kMark("Exif\0\0", 6);
  constexpr std::size_t kEntryBytes = 12, kValueOffset = 8;
  constexpr std::uint32_t kOrientationTag = 0x0112;
  constexpr std::string_view kLittle("II*\0", 4), kBig("MM\0*", 4);
  std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  if (text.starts_with(kMark)) data = data.subspan(kMark.size());
  text = text.substr(text.size() - data.size());
  if (!text.starts_with(kLittle) && !text.starts_with(kBig)) return 1;
  const Tiff tiff(data);
  const auto directory = tiff.integer(4, 4);
  const auto entries = directory ? tiff.integer(*directory, 2) : std::nullopt;
  for (std::size_t i = 0; entries && i < *entries; ++i) {
    const std::size_t entry = std::size_t{*directory} + 2 + i * kEntryBytes;
    const auto tag = tiff.integer(entry, 2), value = tiff.integer(entry + kValueOffset, 2);
    if (!tag || !value) return 1;
    if (*tag == kOrientationTag) return *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation == 1) return image;
  // Orientations 5 to 8 exchange rows and columns; then these are mirrored left to right, top to bottom.
  const bool transposed = orientation >= 5;
  const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Image turned{.width = image.width,
               .height = image.height,
               .channels = image.channels,
               .pixels = {},
               .lacks_end = image.lacks_end};
  if (transposed) std::swap(turned.width, turned.height);
  turned.pixels.reserve(image.pixels.size());
  for (int y = 0; y < turned.height; ++y)
    for (int x = 0; x < turned.width; ++x) {
      const int column = mirror_x ? turned.width - 1 - x : x, row = mirror_y ? turned.height - 1 - y : y;
      const auto from_x = static_cast<std::size_t>(transposed ? row : column);
      const auto from_y = static_cast<std::size_t>(transposed ? column : row);
      const auto pixel = (from_y * static_cast<std::size_t>(image.width) + from_x) *
                         static_cast<std::size_t>(image.channels);
      turned.pixels.insert(turned.pixels.end(), image.pixels.begin() + static_cast<std::ptrdiff_t>(pixel),
                           image.pixels.begin() + static_cast<std::ptrdiff_t>(pixel) + image.channels);
    }
  return turned;
}

}  // namespace mudra::data
