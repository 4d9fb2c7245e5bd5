#include "mudra/train/batch_work.hpp"

#include "mudra/base/threads.hpp"

namespace mudra::train {

void BatchWork::begin(int images) {
  images_ = images;
  while (scratch_.size() < static_cast<std::size_t>(thread_count())) scratch_.emplace_back(scratch_floats_);
}

void BatchWork::clear_sums(std::size_t floats) {
  constexpr std::size_t kLine = 16;  // floats of a cache line: no two groups write to the same one
  sum_count_ = floats;
  sum_stride_ = (floats + kLine - 1) / kLine * kLine;
  const std::size_t needed = static_cast<std::size_t>(groups()) * sum_stride_;
  if (sums_.size() < needed) sums_ = AlignedBuffer(needed);
  std::fill_n(sums_.data(), needed, 0.0f);
}

std::vector<double> BatchWork::totals() {
  std::vector<double> totals(sum_count_);
  for (int group = 0; group < groups(); ++group) {
    const float* const sums = sums_of(group);
    for (std::size_t i = 0; i < sum_count_; ++i) totals[i] += sums[i];
  }
  return totals;
}

}  // namespace mudra::train
