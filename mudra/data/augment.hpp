// Random changes to training pictures: turned, scaled, moved, mirrored, brighter or darker, noisier.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/data/dataset.hpp"

namespace mudra::data {

// How the geometric changes follow each other.
enum class WarpOrder {
  kAtOnce,           // one transform; what turns out of the picture comes back in when it is scaled down
  kRotationCropped,  // as torchvision's RandomRotation before RandomAffine: the turned picture is cropped to
                     // its frame, then scaled and moved
};

// Every value is drawn uniformly from its range for each picture. What was outside the picture is black.
struct Augmentation {
  float rotation_degrees = 0;           // at most, either way; about the centre
  float scale_low = 1, scale_high = 1;  // 0.1 to 10; above 1 the hand grows
  float translation = 0;                // at most, of the picture, either way along each axis
  WarpOrder order = WarpOrder::kAtOnce;
  float horizontal_flip = 0;                      // probability
  float vertical_flip = 0;                        // probability
  float brightness_low = 1, brightness_high = 1;  // factor on the gray values
  float contrast_low = 1, contrast_high = 1;      // factor on the distance from gray 128
  float noise = 0;                                // standard deviation in gray levels
};

// "none"; "mild", the default of training: a hand seen a little differently; "seed", the article's: rotation
// by up to 90 degrees, scale 0.8 to 1.2, translation by 0.2, both flips. Throws Error for any other name.
Augmentation augmentation_preset(std::string_view name);
std::vector<std::string> augmentation_preset_names();

// Draws from `random` and writes the changed picture: one bilinear warp and a table of values, in integers
// from the transform's coefficients on, so that the bytes are the same on every machine. Both have the bytes
// of `shape`; `out` may be `in`.
void augment(const Augmentation& augmentation, std::span<const std::uint8_t> in, Random random,
             std::span<std::uint8_t> out, const PictureShape& shape = {});

}  // namespace mudra::data
