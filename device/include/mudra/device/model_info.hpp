// What a program around the network needs to know of a model, all of it out of the file: shapes, exponents,
// how pictures are prepared, the names of the classes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/class_names.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/device/espdl_view.hpp"
#include "mudra/device/image.hpp"
#include "mudra/device/smoothing.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

// Metadata with this key names the kind of InputRule that pictures are prepared with: "rounded", as without
// it, or "published".
inline constexpr std::string_view kInputRuleKey = "input_rule";

// The shape of the picture that an input is, if it is one.
inline PictureShape shape_of(const TensorInfo& input) {
  return {.height = input.height, .width = input.width, .channels = input.channels};
}

// The rule that a model's metadata states with kInputRuleKey and kNormalizationKey; empty: it has no such
// key. False for any other name or text.
bool read_input_rule(std::string_view name, std::string_view normalization, InputRule& rule);

struct ModelInfo {
  TensorInfo input, output;  // of the output only the channels are more than 1: the classes
  InputRule rule;
  SmoothingRule decision;  // what a row of pictures shows
  int tests = 0;           // recorded inputs
  bool named =
      false;  // the file names the classes; without that, or when the names are too long, they are numbers
  ClassNames classes;

  std::size_t input_bytes() const { return bytes(input); }
  std::size_t output_bytes() const { return bytes(output); }
  // Whether it takes one picture, for which prepare() makes the input.
  bool takes_pictures() const { return is_picture(picture()); }
  PictureShape picture() const { return shape_of(input); }

 private:
  static std::size_t bytes(const TensorInfo& tensor) {
    return static_cast<std::size_t>(tensor.height) * static_cast<std::size_t>(tensor.width) *
           static_cast<std::size_t>(tensor.channels) * bytes_of(tensor.type);
  }
};

// `view` was opened. kBadShape unless there is one score for each class; kTooManyClasses; kBadExponent for
// exponents that pictures cannot be prepared for; kBadAttribute for an unknown input rule, a normalization
// that is none for its channels, and a rule of decision that is none.
Status read_model_info(ModelView& view, ModelInfo& info);

// A picture as the input of a model that takes_pictures(), in `out` of as many bytes as that has. On the chip
// and on the PC this is what a network gets for a picture. kBadSize; kBadAttribute for a rule of other
// channels; else as to_model_input().
Status prepare(std::span<const std::uint8_t> pixels, const TensorInfo& input, const InputRule& rule,
               std::span<std::byte> out);

}  // namespace mudra::device
