#include "mudra/device/latencies.hpp"

#include <algorithm>
#include <bit>

namespace mudra::device {

// A time's leading bit says in which power of two it lies, the six bits behind it the step.
int Latencies::bucket_of(std::uint32_t us) {
  if (us < kSteps) return static_cast<int>(us);
  const int shift = std::bit_width(us) - 7;
  return shift * kSteps + static_cast<int>(us >> shift);
}

std::uint32_t Latencies::middle_of(int bucket) {
  if (bucket < kSteps) return static_cast<std::uint32_t>(bucket);
  const int shift = bucket / kSteps - 1;
  const auto step = static_cast<std::uint32_t>(bucket - shift * kSteps);
  return (step << shift) + (1u << shift) / 2;
}

void Latencies::clear() {
  std::fill_n(runs_, kBuckets, 0u);
  sum_ = 0;
  count_ = most_ = 0;
  least_ = ~0u;
}

void Latencies::add(std::uint32_t us) {
  ++runs_[bucket_of(us)];
  ++count_;
  sum_ += us;
  least_ = std::min(least_, us);
  most_ = std::max(most_, us);
}

std::uint32_t Latencies::mean() const {
  return count_ == 0 ? 0 : static_cast<std::uint32_t>((sum_ + count_ / 2) / count_);
}

std::uint32_t Latencies::percentile(int hundredths) const {
  const std::uint64_t wanted = (std::uint64_t{count_} * static_cast<std::uint64_t>(hundredths) + 99) / 100;
  std::uint64_t seen = 0;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    seen += runs_[bucket];
    if (seen >= wanted && seen > 0) return std::clamp(middle_of(bucket), least_, most_);
  }
  return 0;
}

}  // namespace mudra::device
