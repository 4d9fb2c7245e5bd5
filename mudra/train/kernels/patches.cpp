#include "mudra/train/kernels/patches.hpp"

#include <algorithm>

#include "mudra/train/kernels/layout.hpp"

namespace mudra::train::kernels {

void gather_patches(const float* image, int side, float* patches) {
  constexpr int kStride = 2;
  const int out_side = strided(side, kStride);
  for (int y = 0; y < out_side; ++y) {
    for (int x = 0; x < out_side; ++x, patches += padded(kPatchTaps)) {
      const int top = y * kStride - 1, left = x * kStride - 1;
      std::fill_n(patches, padded(kPatchTaps), 0.0f);
      for (int row = std::max(top, 0); row < std::min(top + 3, side); ++row)
        for (int column = std::max(left, 0); column < std::min(left + 3, side); ++column)
          patches[(row - top) * 3 + column - left] = image[row * side + column];
    }
  }
}

}  // namespace mudra::train::kernels
