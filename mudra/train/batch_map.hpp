// One map (kernels/layout.hpp) for each image of a batch.
#pragma once

#include <cstddef>
#include <functional>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/train/kernels/layout.hpp"

namespace mudra::train {

// Floats of an array [rows, padded(channels)].
inline std::size_t map_floats(int rows, int channels) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(kernels::padded(channels));
}

// Makes (or completes) the map of one image when it is first needed, on any thread, so that the maker's pass
// over the batch and its first user's are one.
using MapOf = std::function<float*(int image, float* scratch)>;
using ConstMapOf = std::function<const float*(int image, float* scratch)>;

class BatchMap {
 public:
  BatchMap(int max_batch, int pixels, int channels)
      : pixels_(pixels),
        channels_(channels),
        values_(static_cast<std::size_t>(max_batch) * map_floats(pixels, channels)) {}

  int pixels() const { return pixels_; }
  int channels() const { return channels_; }
  std::size_t floats() const { return map_floats(pixels_, channels_); }  // of one image
  float* of(int image) { return values_.data() + static_cast<std::size_t>(image) * floats(); }
  const float* of(int image) const { return values_.data() + static_cast<std::size_t>(image) * floats(); }

  // The same memory for smaller maps of other sizes: what was in it is lost.
  void reshape(int pixels, int channels) {
    pixels_ = pixels;
    channels_ = channels;
  }

 private:
  int pixels_, channels_;
  AlignedBuffer values_;
};

}  // namespace mudra::train
