#include "mudra/data/bmp.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "mudra/base/error.hpp"

namespace mudra::data {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kFileHeader = 14;                    // bytes
constexpr std::size_t kCoreHeader = 12, kInfoHeader = 40;  // of the second header, which says its length
constexpr std::uint32_t kPlain = 0, kBitFields = 3, kAlphaBitFields = 6;  // compression
constexpr std::array<const char*, 6> kRefused = {nullptr, "RLE8", "RLE4", nullptr, "JPEG", "PNG"};

// An unsigned little-endian integer. Throws Error beyond the end.
std::uint32_t integer(Bytes file, std::size_t at, std::size_t bytes) {
  if (at > file.size() || bytes > file.size() - at) fail("BMP: the file ends too early");
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | file[at + i];
  return value;
}

// The bits of a pixel that hold one colour.
struct Field {
  std::uint32_t mask = 0;

  // From 0 to 255, to the nearest.
  std::uint8_t of(std::uint32_t pixel) const {
    if (mask == 0) return 0;
    const int shift = std::countr_zero(mask);
    const std::uint64_t most = mask >> shift, value = (pixel & mask) >> shift;
    return static_cast<std::uint8_t>((value * 255 + most / 2) / most);
  }
};

struct BmpHeader {
  std::size_t pixels_at = 0;  // offset of the rows
  std::uint64_t width = 0, height = 0;
  bool from_top = false;
  std::uint32_t bits = 0;                         // a pixel
  std::size_t palette_at = 0, palette_entry = 0;  // offset, bytes a colour
  std::uint32_t colors = 0;
  std::array<Field, 3> fields{};  // red, green, blue of 16 and 32 bits
};

void read_sides(Bytes file, bool core, BmpHeader& header) {
  const std::size_t bytes = core ? 2 : 4;
  header.width = integer(file, kFileHeader + 4, bytes);
  const std::uint32_t height = integer(file, kFileHeader + 4 + bytes, bytes);
  header.from_top = !core && height >> 31 != 0;
  header.height = header.from_top ? 0u - height : height;
  if (header.width == 0 || header.height == 0) fail("BMP: a picture without pixels");
  check_size(header.width, header.height);
}

void read_fields(Bytes file, std::uint32_t compression, BmpHeader& header) {
  if (compression == kPlain) {
    header.fields = header.bits == 16 ? std::array<Field, 3>{{{0x7c00}, {0x03e0}, {0x001f}}}
                                      : std::array<Field, 3>{{{0xff0000}, {0x00ff00}, {0x0000ff}}};
    return;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const std::uint32_t mask = integer(file, kFileHeader + kInfoHeader + 4 * i, 4);
    if (mask != 0 && !std::has_single_bit((mask >> std::countr_zero(mask)) + std::uint64_t{1}))
      fail("BMP: the bits of a colour do not lie together");
    header.fields[i].mask = mask;
  }
}

BmpHeader read_header(Bytes file) {
  BmpHeader header;
  header.pixels_at = integer(file, 10, 4);
  const std::uint32_t length = integer(file, kFileHeader, 4);
  const bool core = length == kCoreHeader;
  if (!core && (length < kInfoHeader || length > 124)) fail("BMP: a header of {} bytes is unknown", length);
  read_sides(file, core, header);
  header.bits = integer(file, kFileHeader + (core ? 10 : 14), 2);
  const std::uint32_t compression = core ? kPlain : integer(file, kFileHeader + 16, 4);
  const bool masked = compression == kBitFields || compression == kAlphaBitFields;
  if (compression != kPlain && !masked) {
    const char* name = compression < kRefused.size() ? kRefused[compression] : "unknown";
    fail("BMP: {} compression is not supported; save the picture uncompressed, or as PNG", name);
  }
  const bool has_palette = header.bits == 1 || header.bits == 4 || header.bits == 8;
  const bool has_fields = header.bits == 16 || header.bits == 32;
  if ((!has_palette && !has_fields && header.bits != 24) || (masked && !has_fields))
    fail("BMP: {} bits a pixel are not supported", header.bits);
  if (has_fields) read_fields(file, compression, header);
  if (has_palette) {
    const std::uint32_t most = 1u << header.bits, used = core ? 0 : integer(file, kFileHeader + 32, 4);
    header.palette_at = kFileHeader + length;
    header.palette_entry = core ? 3 : 4;
    header.colors = used == 0 || used > most ? most : used;
  }
  return header;
}

// Red, green and blue of every number a pixel may be; black where the palette is shorter.
std::vector<std::array<std::uint8_t, 3>> read_palette(Bytes file, const BmpHeader& header) {
  std::vector<std::array<std::uint8_t, 3>> palette(std::size_t{1} << header.bits);
  for (std::size_t i = 0; i < header.colors; ++i) {
    const std::uint32_t color = integer(file, header.palette_at + i * header.palette_entry, 3);
    palette[i] = {static_cast<std::uint8_t>(color >> 16), static_cast<std::uint8_t>(color >> 8),
                  static_cast<std::uint8_t>(color)};
  }
  return palette;
}

}  // namespace

bool is_bmp(Bytes file) { return file.size() >= 2 && file[0] == 'B' && file[1] == 'M'; }

Image decode_bmp(Bytes file) {
  const BmpHeader header = read_header(file);
  const std::size_t row_bits = header.width * header.bits, row_bytes = (row_bits + 31) / 32 * 4;
  const std::size_t all_bytes = (header.height - 1) * row_bytes + (row_bits + 7) / 8;
  if (header.pixels_at > file.size() || all_bytes > file.size() - header.pixels_at)
    fail("BMP: {} bytes cannot hold {} x {} pixels of {} bits", file.size(), header.width, header.height,
         header.bits);
  const auto palette =
      header.palette_entry > 0 ? read_palette(file, header) : std::vector<std::array<std::uint8_t, 3>>{};
  Image image{.width = static_cast<int>(header.width),
              .height = static_cast<int>(header.height),
              .channels = 3,
              .pixels = std::vector<std::uint8_t>(header.width * header.height * 3)};
  auto out = image.pixels.begin();
  for (std::size_t y = 0; y < header.height; ++y) {
    const Bytes row =
        file.subspan(header.pixels_at + (header.from_top ? y : header.height - 1 - y) * row_bytes);
    for (std::size_t x = 0; x < header.width; ++x) {
      std::array<std::uint8_t, 3> color{};
      if (!palette.empty()) {
        const std::size_t bit = x * header.bits;
        const std::size_t right = 8 - header.bits - bit % 8;  // the leftmost pixel has the highest bits
        color = palette[row[bit / 8] >> right & (palette.size() - 1)];
      } else if (header.bits == 24) {
        color = {row[3 * x + 2], row[3 * x + 1], row[3 * x]};
      } else {
        const std::uint32_t pixel = integer(row, x * header.bits / 8, header.bits / 8);
        std::ranges::transform(header.fields, color.begin(), [&](Field field) { return field.of(pixel); });
      }
      out = std::ranges::copy(color, out).out;
    }
  }
  return image;
}

}  // namespace mudra::data
