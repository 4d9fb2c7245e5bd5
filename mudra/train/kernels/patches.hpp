// The first convolution as a product: the 3x3 neighbourhood of every output pixel as a row of a map.
#pragma once

namespace mudra::train::kernels {

inline constexpr int kPatchTaps = 9;

// image: [side, side]; patches: [out_side * out_side, padded(9)] for stride 2 and padding 1, the taps row by
// row of the 3x3 kernel.
void gather_patches(const float* image, int side, float* patches);

}  // namespace mudra::train::kernels
