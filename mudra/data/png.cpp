#include "mudra/data/png.hpp"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/data/exif.hpp"

namespace mudra::data {
namespace {

// What libpng's callbacks see. libpng reports errors by longjmp, so the functions that call it hold nothing
// with a destructor: memory belongs to their callers.
struct PngSource {
  std::span<const std::uint8_t> file;
  std::size_t done = 0;
  std::array<char, 160> message{};
};

void on_error(png_structp png, png_const_charp text) {
  auto* source = static_cast<PngSource*>(png_get_error_ptr(png));
  std::snprintf(source->message.data(), source->message.size(), "%s", text);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, std::size_t count) {
  auto* source = static_cast<PngSource*>(png_get_io_ptr(png));
  if (count > source->file.size() - source->done) png_error(png, "the file ends too early");
  std::memcpy(out, source->file.data() + source->done, count);
  source->done += count;
}

// Owns libpng's structures for one picture.
class PngReader {
 public:
  explicit PngReader(PngSource& source)
      : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning)) {
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ != nullptr) png_set_read_fn(png_, &source, on_read);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool ready() const { return info_ != nullptr; }
  png_structp png() const { return png_; }
  png_infop info() const { return info_; }

 private:
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

// Reads everything before the pixels.
bool read_header(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size says more than libpng
  png_read_info(png, info);
  return true;
}

// Asks for 8 bits, gray or RGB, without alpha.
bool choose_format(png_structp png, png_infop info) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  if (png_get_bit_depth(png, info) == 16) png_set_strip_16(png);
  if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (png_get_color_type(png, info) == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) < 8)
    png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_alpha(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  return true;
}

bool read_pixels(png_structp png, png_infop info, png_bytepp rows) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  png_read_image(png, rows);
  png_read_end(png, info);
  return true;
}

// EXIF data may come before the pixels or behind them.
int orientation_of(png_structp png, png_infop info) {
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  return png_get_eXIf_1(png, info, &size, &exif) != 0 ? exif_orientation({exif, size}) : 1;
}

// Also refuses sizes that a file of this length cannot hold even at one bit a pixel.
void check_png_size(std::uint64_t width, std::uint64_t height, std::size_t file_bytes) {
  check_size(width, height);
  constexpr std::uint64_t kMostInflation = 1032;  // of deflate
  if (width * height / 8 / kMostInflation > file_bytes)
    fail("{} bytes cannot hold {} x {} pixels", file_bytes, width, height);
}

}  // namespace

bool is_png(std::span<const std::uint8_t> file) {
  constexpr std::array<std::uint8_t, 8> kSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return file.size() >= kSignature.size() && std::ranges::equal(file.first(kSignature.size()), kSignature);
}

Image decode_png(std::span<const std::uint8_t> file) {
  PngSource source{.file = file};
  const PngReader reader(source);
  if (!reader.ready()) throw std::bad_alloc();
  if (!read_header(reader.png(), reader.info())) fail("PNG: {}", source.message.data());
  const std::uint32_t width = png_get_image_width(reader.png(), reader.info());
  const std::uint32_t height = png_get_image_height(reader.png(), reader.info());
  check_png_size(width, height, file.size());
  if (!choose_format(reader.png(), reader.info())) fail("PNG: {}", source.message.data());
  const std::size_t channels = png_get_channels(reader.png(), reader.info());
  if (png_get_bit_depth(reader.png(), reader.info()) != 8 || (channels != 1 && channels != 3))
    fail("PNG: unsupported pixel format");

  Image image{.width = static_cast<int>(width),
              .height = static_cast<int>(height),
              .channels = static_cast<int>(channels),
              .pixels = {}};
  const std::size_t row_bytes = width * channels;
  image.pixels.resize(row_bytes * height);
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = image.pixels.data() + y * row_bytes;
  if (!read_pixels(reader.png(), reader.info(), rows.data())) fail("PNG: {}", source.message.data());
  return upright(std::move(image), orientation_of(reader.png(), reader.info()));
}

std::vector<std::uint8_t> encode_png(const Image& image) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::uint8_t> file(size);
  if (png_image_write_to_memory(&png, file.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0)
    throw Error(ErrorKind::kIo, fmt::format("PNG: {}", png.message));
  file.resize(size);
  return file;
}

}  // namespace mudra::data
