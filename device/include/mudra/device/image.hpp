// From a camera's picture to the 96 x 96 gray picture the network sees, in integers: the same bytes on the
// chip and on the PC, and the bytes OpenCV's cvtColor(BGR2GRAY) and resize(INTER_LINEAR) give for 8-bit
// pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mudra/device/status.hpp"

namespace mudra::device {

inline constexpr int kSide = 96;
inline constexpr std::size_t kPixels = std::size_t{kSide} * kSide;
inline constexpr int kMaxImageSide = 16384;

enum class PixelFormat : std::uint8_t {
  kGray8,   // one byte a pixel
  kRgb888,  // red, green, blue
};

constexpr int bytes_per_pixel(PixelFormat format) { return format == PixelFormat::kGray8 ? 1 : 3; }

struct ImageFormat {
  int width = 0;  // 1 to kMaxImageSide, as height
  int height = 0;
  PixelFormat pixels = PixelFormat::kGray8;
};

// 0.299 R + 0.587 G + 0.114 B with 15-bit weights, rounded half up; a gray pixel stays what it is.
constexpr std::uint8_t gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  constexpr std::uint32_t kRed = 9798, kGreen = 19235, kBlue = 3735;  // together 2^15
  return static_cast<std::uint8_t>((red * kRed + green * kGreen + blue * kBlue + (1u << 14)) >> 15);
}

// Where a bilinear sample lies on one axis: between the source pixels `first` and first + 1.
struct Tap {
  int first;                    // -1 to size - 1: half a pixel beyond either border
  std::uint16_t second_weight;  // of pixel first + 1, of 2048; pixel `first` has the rest
};

// The tap of output pixel `i` of kSide on an axis of `size` source pixels: half-pixel centres, the position
// rounded to float's 24 bits as OpenCV holds it, the weights rounded half to even.
Tap tap(int i, int size);

// Resizes one picture while its rows arrive, so that a chip never holds the whole of it: the state is below
// 1 KB and needs nothing else. The weights and roundings are OpenCV's: 11-bit weights, horizontally exact,
// four bits dropped, vertically 16 bits dropped from each product, rounded; a 192 x 192 picture is averaged 2
// x 2.
class Resizer {
 public:
  // Forgets what was there and expects format.height rows; the picture goes to `out`, row-major.
  Status begin(const ImageFormat& format, std::span<std::uint8_t, kPixels> out);

  // The next row, top first: width * bytes_per_pixel bytes.
  Status push_row(const std::uint8_t* row);

  // Whether all of `out` is written; true with the last row at the latest.
  bool done() const { return next_out_ == kSide; }

 private:
  struct Column {
    std::uint16_t left_byte;     // of the left pixel in its row
    std::uint16_t right_weight;  // of 2048; the left pixel has the rest
  };

  std::uint8_t gray_at(const std::uint8_t* pixel) const;
  void average_row(const std::uint8_t* row);
  void sample_row(const std::uint8_t* row, std::uint16_t* line) const;
  void blend_rows(const std::uint16_t* upper, const std::uint16_t* lower, std::uint32_t lower_weight);

  ImageFormat format_;
  std::uint8_t* out_ = nullptr;
  int next_row_ = 0, next_out_ = kSide;
  bool averages_ = false;
  Column columns_[kSide];
  // Row y of the source, sampled at the columns, is in lines_[y % 2]: gray * 128. When averaging: sums of
  // two.
  std::uint16_t lines_[2][kSide];
};
static_assert(sizeof(Resizer) < 1024);

// The whole picture at once; rows are `stride_bytes` apart.
Status resize(const ImageFormat& format, const std::uint8_t* pixels, std::size_t stride_bytes,
              std::span<std::uint8_t, kPixels> out);

// How gray values become the network's integers.
enum class InputRule : std::uint8_t {
  kRounded,    // p / 255 rounded half up at the model's input exponent and clamped to the type
  kPublished,  // the published firmware's: p / 255 * 128 truncated to int8, where 255 wraps to -128; an int16
               // model gets 256 times that. For replaying its recorded runs and nothing else.
};

inline constexpr int kMinInputExponent = -16, kMaxInputExponent = 0;

// One integer per pixel, real value = integer * 2^exponent. kBadExponent outside the limits above, and with
// kPublished for any exponent but -7 (int8) and -15 (int16). `out` may be the memory of `gray` for int8.
Status to_model_input(std::span<const std::uint8_t, kPixels> gray, int exponent, InputRule rule,
                      std::span<std::int8_t, kPixels> out);
Status to_model_input(std::span<const std::uint8_t, kPixels> gray, int exponent, InputRule rule,
                      std::span<std::int16_t, kPixels> out);

}  // namespace mudra::device
