// From a camera's picture to the one the network sees, 96 x 96 gray for example, in integers: the same bytes
// on the chip and on the PC, and the bytes OpenCV's cvtColor(BGR2GRAY) and resize(INTER_LINEAR) give for
// 8-bit pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mudra/device/normalization.hpp"
#include "mudra/device/picture_shape.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

inline constexpr int kMaxImageSide = 16384;

enum class PixelFormat : std::uint8_t {
  kGray8,   // one byte a pixel
  kRgb888,  // red, green, blue
  kRgb565,  // as cameras send it: red in the highest bits of the first byte; 5 and 6 bits become 8, rounded
};

constexpr int bytes_per_pixel(PixelFormat format) {
  return format == PixelFormat::kGray8 ? 1 : format == PixelFormat::kRgb888 ? 3 : 2;
}

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

// The tap of output pixel `i` of `sides` (1 to kMaxPictureSide) on an axis of `size` source pixels:
// half-pixel centres, the position rounded to float's 24 bits as OpenCV holds it, the weights rounded half to
// even.
Tap tap(int i, int sides, int size);

// Resizes one picture while its rows arrive, so that a chip never holds the whole of it. Gray becomes colour
// by repeating it, colour gray by gray_of(). The weights and roundings are OpenCV's: 11-bit weights,
// horizontally exact, four bits dropped, vertically 16 bits dropped from each product, rounded; a picture of
// exactly twice the size is averaged 2 x 2.
class Resizer {
 public:
  // 16-bit words that begin() wants to work in: a column's source and weight, two source rows resized. 384
  // for 96 x 96 gray.
  static constexpr std::size_t work_words(const PictureShape& shape) {
    return static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(2 + 2 * shape.channels);
  }
  static constexpr std::size_t kMostWorkWords = std::size_t{kMaxPictureSide} * (2 + 2 * 3);

  // Forgets what was there and expects format.height rows; the picture goes to `out`, of shape.bytes(). Both
  // spans outlive the last row. kBadSize for sides, shapes and spans outside the limits.
  Status begin(const ImageFormat& format, const PictureShape& shape, std::span<std::uint8_t> out,
               std::span<std::uint16_t> work);

  // The next row, top first: width * bytes_per_pixel bytes.
  Status push_row(const std::uint8_t* row);

  // Whether all of `out` is written; true with the last row at the latest.
  bool done() const { return next_out_ == shape_.height; }

 private:
  std::uint8_t* next_row() const { return out_ + static_cast<std::size_t>(next_out_) * row_values(); }
  std::size_t row_values() const { return static_cast<std::size_t>(shape_.width * shape_.channels); }
  void average_row(const std::uint8_t* row);
  void sample_row(const std::uint8_t* row, std::uint16_t* line) const;
  void blend_rows(const std::uint16_t* upper, const std::uint16_t* lower, std::uint32_t lower_weight);

  ImageFormat format_;
  PictureShape shape_{.height = 0, .width = 0, .channels = 1};
  std::uint8_t* out_ = nullptr;
  int next_row_ = 0, next_out_ = 0;
  bool averages_ = false;
  std::uint16_t* left_bytes_ = nullptr;     // by column: of the left pixel in its row
  std::uint16_t* right_weights_ = nullptr;  // by column: of 2048; the left pixel has the rest
  // Row y of the source, sampled at the columns, is in lines_[y % 2]: value * 128. When averaging: sums of
  // two.
  std::uint16_t* lines_[2] = {};
};

// The whole picture at once; rows are `stride_bytes` apart.
Status resize(const ImageFormat& format, const std::uint8_t* pixels, std::size_t stride_bytes,
              const PictureShape& shape, std::span<std::uint8_t> out, std::span<std::uint16_t> work);

// The largest part of a camera's picture that has the shape's proportions, in its middle.
struct Cut {
  int left = 0, top = 0, width = 0, height = 0;
};
Cut middle_of(int width, int height, const PictureShape& shape);

// How pixels become the network's integers.
struct InputRule {
  enum Kind : std::uint8_t {
    kRounded,    // what `normalization` makes of p, rounded half up at the model's input exponent and clamped
                 // to the type
    kPublished,  // the published firmware's: p / 255 * 128 truncated to int8, where 255 wraps to -128; an
                 // int16 model gets 256 times that. For replaying its recorded runs and nothing else.
  };

  constexpr InputRule(Kind the_kind = kRounded, const Normalization& the_normalization = {})
      : kind(the_kind), normalization(the_normalization) {}
  friend constexpr bool operator==(const InputRule&, const InputRule&) = default;

  Kind kind;
  Normalization normalization;  // of kRounded
};

inline constexpr int kMinInputExponent = -16, kMaxInputExponent = 8;

// One integer per byte of the picture, real value = integer * 2^exponent. kBadExponent outside the limits
// above, and with kPublished for any exponent but -7 (int8) and -15 (int16); kBadSize unless there are as
// many of both, whole pixels. `out` may be the memory of `pixels` for int8. Takes 256 integers of stack.
Status to_model_input(std::span<const std::uint8_t> pixels, int exponent, const InputRule& rule,
                      std::span<std::int8_t> out);
Status to_model_input(std::span<const std::uint8_t> pixels, int exponent, const InputRule& rule,
                      std::span<std::int16_t> out);

}  // namespace mudra::device
