#include "mudra/train/kernels/patches.hpp"

#include <algorithm>
#include <cstring>

#include "mudra/train/kernels/layout.hpp"

namespace mudra::train::kernels {
namespace {

constexpr int kStride = 2;

// Taps outside the image are 0.
void gather_patch_at_edge(const float* image, int side, int y, int x, float* patch) {
  const int top = y * kStride - 1, left = x * kStride - 1;
  std::fill_n(patch, padded(kPatchTaps), 0.0f);
  for (int row = std::max(top, 0); row < std::min(top + 3, side); ++row)
    for (int column = std::max(left, 0); column < std::min(left + 3, side); ++column)
      patch[(row - top) * 3 + column - left] = image[row * side + column];
}

// `from` is the top left tap. Reads and writes four floats a row: what is one too many is overwritten by the
// next row, then by zeros.
void gather_patch_inside(const float* from, int side, float* patch) {
  constexpr int kZeros = padded(kPatchTaps) - kPatchTaps;
  for (int row = 0; row < 3; ++row) std::memcpy(patch + row * 3, from + row * side, 4 * sizeof(float));
  std::memset(patch + kPatchTaps, 0, kZeros * sizeof(float));
}

}  // namespace

void gather_patches(const float* image, int side, float* patches) {
  const int out_side = strided(side, kStride);
  const auto patch_at = [&](int y, int x) { return patches + (y * out_side + x) * padded(kPatchTaps); };
  // Columns whose taps, and one more, are inside the image; of the rows only the first and the last may reach
  // out.
  const int first = 1, last = std::max(first, (side - 3) / kStride);
  for (int y = 0; y < out_side; ++y) {
    const bool inside = y > 0 && y * kStride + 1 < side;
    for (int x = 0; x < out_side; ++x) {
      if (inside && x >= first && x < last)
        gather_patch_inside(image + (y * kStride - 1) * side + x * kStride - 1, side, patch_at(y, x));
      else
        gather_patch_at_edge(image, side, y, x, patch_at(y, x));
    }
  }
}

}  // namespace mudra::train::kernels
