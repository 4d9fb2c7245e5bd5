// How the threads share a batch so that no result depends on how many they are: sums over images are taken
// within fixed groups of images, and over the groups in their order.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/base/parallel.hpp"

namespace mudra::train {

class BatchWork {
 public:
  // Every thread gets `scratch_floats` of memory of its own.
  explicit BatchWork(std::size_t scratch_floats) : scratch_floats_(scratch_floats) {}

  // From now on the loops below run over images 0 ... images - 1.
  void begin(int images);
  int images() const { return images_; }

  // work(image, scratch) for every image.
  template <class Work>
  void for_each_image(const Work& work) {
    run([&](int image, int, float* scratch) { work(image, scratch); });
  }

  // work(image, sums, scratch) for every image, which adds to `count` sums, float or double (64-byte
  // aligned). Returns their totals over the batch.
  template <class Sum, class Work>
  std::vector<double> sum_over_images(std::size_t count, const Work& work) {
    constexpr std::size_t kLine = 64 / sizeof(Sum);  // no two groups write to the same cache line
    const std::size_t stride = (count + kLine - 1) / kLine * kLine;
    Sum* const sums = zeros<Sum>(static_cast<std::size_t>(groups()) * stride);
    run([&](int image, int group, float* scratch) {
      work(image, sums + static_cast<std::size_t>(group) * stride, scratch);
    });
    std::vector<double> totals(count);
    for (int group = 0; group < groups(); ++group)
      for (std::size_t i = 0; i < count; ++i) totals[i] += sums[static_cast<std::size_t>(group) * stride + i];
    return totals;
  }

 private:
  static constexpr int kGroupImages = 2;
  int groups() const { return (images_ + kGroupImages - 1) / kGroupImages; }

  // Every other pass runs backwards: what the last one touched last is still in the cache.
  template <class Work>
  void run(const Work& work) {
    backwards_ = !backwards_;
    for_each_parallel(Schedule::kStatic, static_cast<std::size_t>(groups()), [&](std::size_t i, int thread) {
      const int group = backwards_ ? groups() - 1 - static_cast<int>(i) : static_cast<int>(i);
      float* const scratch = scratch_[static_cast<std::size_t>(thread)].data();
      const int end = std::min((group + 1) * kGroupImages, images_);
      for (int image = group * kGroupImages; image < end; ++image) work(image, group, scratch);
    });
  }

  // `count` of them, valid until the next call.
  template <class Sum>
  Sum* zeros(std::size_t count) {
    const std::size_t floats = count * sizeof(Sum) / sizeof(float);
    if (sums_.size() < floats) sums_ = AlignedBuffer(floats);
    Sum* const sums = reinterpret_cast<Sum*>(sums_.data());
    std::fill_n(sums, count, Sum{0});
    return sums;
  }

  int images_ = 0;
  bool backwards_ = false;
  std::size_t scratch_floats_;
  std::vector<AlignedBuffer> scratch_;  // by thread
  AlignedBuffer sums_;
};

}  // namespace mudra::train
