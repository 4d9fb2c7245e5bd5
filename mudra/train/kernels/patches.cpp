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

// visit(offset of the first tap in the map, in pixels, offset of it in the patches, taps in a row) for every
// row of every patch, as far as it is inside.
template <class Visit>
void for_each_patch_row(const PatchRows& io, const Visit& visit) {
  const graph::kernels::Sliding& window = io.window;
  const std::ptrdiff_t channels = io.in_size.channels, stride = padded(io.depth());
  for (int row = 0; row < io.rows; ++row) {
    const int top = (io.first_row + row) * window.stride_h - window.pad_top;
    for (int x = 0; x < io.out_width; ++x) {
      const int left = x * window.stride_w - window.pad_left;
      const int begin = std::clamp(-left, 0, window.kernel_w),
                end = std::clamp(io.in_size.width - left, begin, window.kernel_w);
      const std::ptrdiff_t patch = (std::ptrdiff_t{row} * io.out_width + x) * stride;
      for (int ky = std::max(0, -top); ky < std::min(window.kernel_h, io.in_size.height - top); ++ky)
        visit(std::ptrdiff_t{top + ky} * io.in_size.width + left + begin,
              patch + (std::ptrdiff_t{ky} * window.kernel_w + begin) * channels, end - begin);
    }
  }
}

}  // namespace

void gather_patches(const PatchRows& io, const float* map, std::ptrdiff_t pixel_stride, float* patches) {
  const std::ptrdiff_t channels = io.in_size.channels;
  std::fill_n(patches, std::ptrdiff_t{io.pixels()} * padded(io.depth()), 0.0f);
  for_each_patch_row(io, [&](std::ptrdiff_t pixel, std::ptrdiff_t to, int taps) {
    if (pixel_stride == channels) {
      std::copy_n(map + pixel * channels, taps * channels, patches + to);
    } else {
      for (int t = 0; t < taps; ++t)
        std::copy_n(map + (pixel + t) * pixel_stride, channels, patches + to + t * channels);
    }
  });
}

void scatter_patches(const PatchRows& io, const float* patches, std::ptrdiff_t pixel_stride, float* map) {
  const std::ptrdiff_t channels = io.in_size.channels;
  for_each_patch_row(io, [&](std::ptrdiff_t pixel, std::ptrdiff_t from, int taps) {
    for (int t = 0; t < taps; ++t)
      for (std::ptrdiff_t c = 0; c < channels; ++c)
        map[(pixel + t) * pixel_stride + c] += patches[from + t * channels + c];
  });
}

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
