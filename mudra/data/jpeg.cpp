#include "mudra/data/jpeg.hpp"

// jpeglib.h needs FILE and size_t declared before it.
#include <cstddef>
#include <cstdio>

#include <jerror.h>
#include <jpeglib.h>

#include <array>
#include <csetjmp>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/data/exif.hpp"

namespace mudra::data {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1;

// What libjpeg's callbacks see. Its errors end in longjmp, so the functions that call it hold nothing with a
// destructor: memory belongs to their callers.
struct JpegErrors {
  jpeg_error_mgr manager;  // first, so that libjpeg's pointer to it is a pointer to this
  std::jmp_buf jump;
  std::array<char, JMSG_LENGTH_MAX> message{};
  bool header_read = false, lacks_end = false;
};

[[noreturn]] void on_error(j_common_ptr jpeg) {
  auto* errors = reinterpret_cast<JpegErrors*>(jpeg->err);
  jpeg->err->format_message(jpeg, errors->message.data());
  std::longjmp(errors->jump, 1);
}

// libjpeg goes on with gray where data are missing or damaged; that is no picture of a hand. Where the file
// ends it reads an end marker, and whoever misses data before that marker complains of it; not so where whole
// scans are missing.
void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;  // a trace
  const int code = jpeg->err->msg_code;
  const bool ends = code == JWRN_JPEG_EOF;
  auto& errors = *reinterpret_cast<JpegErrors*>(jpeg->err);
  if (ends) errors.lacks_end = true;
  // Of scans libjpeg can be asked once it has read the header.
  if ((ends &&
       (!errors.header_read || jpeg_has_multiple_scans(reinterpret_cast<j_decompress_ptr>(jpeg)) != FALSE)) ||
      code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC ||
      code == JWRN_BOGUS_PROGRESSION)
    on_error(jpeg);
}

// A progressive file may ask for thousands of passes over the picture.
void on_progress(j_common_ptr jpeg) {
  constexpr int kMostScans = 100;
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > kMostScans)
    ERREXIT(jpeg, JERR_BAD_PROGRESSION);
}

// Owns libjpeg's state for one picture.
struct JpegReader {
  jpeg_decompress_struct jpeg{};
  jpeg_progress_mgr progress{};
  JpegErrors errors{};

  JpegReader() {
    jpeg.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = on_error;
    errors.manager.emit_message = on_message;
    progress.progress_monitor = on_progress;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }
};

bool read_header(JpegReader& reader, const std::uint8_t* file, std::size_t bytes) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_create_decompress(&reader.jpeg);
  reader.jpeg.progress = &reader.progress;
  jpeg_mem_src(&reader.jpeg, file, bytes);
  jpeg_save_markers(&reader.jpeg, kExifMarker, 0xffff);
  jpeg_read_header(&reader.jpeg, TRUE);
  reader.errors.header_read = true;
  reader.jpeg.out_color_space = reader.jpeg.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  return true;
}

bool read_pixels(JpegReader& reader, std::uint8_t* pixels, std::size_t row_bytes) {
  if (setjmp(reader.errors.jump) != 0) return false;
  jpeg_start_decompress(&reader.jpeg);
  while (reader.jpeg.output_scanline < reader.jpeg.output_height) {
    JSAMPROW row = pixels + reader.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&reader.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&reader.jpeg);
  return true;
}

// Also refuses sizes that a file of this length cannot hold: Huffman codes take at least one bit for the mean
// of each block of 8 x 8 pixels.
void check_jpeg_size(std::uint64_t width, std::uint64_t height, std::size_t file_bytes) {
  check_size(width, height);
  constexpr std::uint64_t kPixelsPerByte = 64 * 8;
  if (width * height / kPixelsPerByte > file_bytes)
    fail("{} bytes cannot hold {} x {} pixels", file_bytes, width, height);
}

int orientation_of(const jpeg_decompress_struct& jpeg) {
  for (jpeg_saved_marker_ptr marker = jpeg.marker_list; marker != nullptr; marker = marker->next)
    if (marker->marker == kExifMarker)
      if (const int orientation = exif_orientation({marker->data, marker->data_length}); orientation != 1)
        return orientation;
  return 1;
}

}  // namespace

bool is_jpeg(std::span<const std::uint8_t> file) {
  return file.size() >= 3 && file[0] == 0xff && file[1] == 0xd8 && file[2] == 0xff;
}

Image decode_jpeg(std::span<const std::uint8_t> file) {
  JpegReader reader;
  if (!read_header(reader, file.data(), file.size())) fail("JPEG: {}", reader.errors.message.data());
  const jpeg_decompress_struct& jpeg = reader.jpeg;
  if (jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK)
    fail("JPEG: CMYK colours are not supported; convert the picture to RGB");
  const std::uint64_t width = jpeg.image_width, height = jpeg.image_height;
  check_jpeg_size(width, height, file.size());
  const int orientation = orientation_of(jpeg);  // gone with the last row
  const std::size_t channels = jpeg.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  Image image{.width = static_cast<int>(width),
              .height = static_cast<int>(height),
              .channels = static_cast<int>(channels),
              .pixels = std::vector<std::uint8_t>(width * height * channels)};
  if (!read_pixels(reader, image.pixels.data(), width * channels))
    fail("JPEG: {}", reader.errors.message.data());
  image.lacks_end = reader.errors.lacks_end;
  return upright(std::move(image), orientation);
}

}  // namespace mudra::data
