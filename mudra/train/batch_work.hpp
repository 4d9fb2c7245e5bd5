// How the threads share a batch so that no result depends on how many they are: sums over images are taken
// within fixed groups of images, and over the groups in their order.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "mudra/train/aligned_buffer.hpp"

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

  // work(image, sums, scratch) for every image, which adds to `floats` sums (64-byte aligned). Returns their
  // totals over the batch.
  template <class Work>
  std::vector<double> sum_over_images(std::size_t floats, const Work& work) {
    clear_sums(floats);
    run([&](int image, int group, float* scratch) { work(image, sums_of(group), scratch); });
    return totals();
  }

 private:
  static constexpr int kGroupImages = 2;
  int groups() const { return (images_ + kGroupImages - 1) / kGroupImages; }

  template <class Work>
  void run(const Work& work) {
#pragma omp parallel for schedule(static)
    for (int group = 0; group < groups(); ++group) {
      float* const scratch = scratch_[static_cast<std::size_t>(omp_get_thread_num())].data();
      const int end = std::min((group + 1) * kGroupImages, images_);
      for (int image = group * kGroupImages; image < end; ++image) work(image, group, scratch);
    }
  }

  float* sums_of(int group) { return sums_.data() + static_cast<std::size_t>(group) * sum_stride_; }
  void clear_sums(std::size_t floats);
  std::vector<double> totals();

  int images_ = 0;
  std::size_t scratch_floats_;
  std::vector<AlignedBuffer> scratch_;  // by thread
  AlignedBuffer sums_;                  // [groups, sum_stride]
  std::size_t sum_count_ = 0, sum_stride_ = 0;
};

}  // namespace mudra::train
