// How long many runs took, in a memory that does not grow with their number.
#pragma once

#include <cstdint>

namespace mudra::device {

// Times below 64 us are kept exactly, longer ones to 1/64 of their length.
class Latencies {
 public:
  void clear();
  void add(std::uint32_t us);

  std::uint32_t count() const { return count_; }
  // Of none: 0.
  std::uint32_t least() const { return count_ == 0 ? 0 : least_; }
  std::uint32_t most() const { return most_; }
  std::uint32_t mean() const;
  // The time that `hundredths` of a hundred runs did not exceed: 50 is the median, 100 the longest.
  std::uint32_t percentile(int hundredths) const;

 private:
  static constexpr int kSteps = 64;  // from one power of two to the next
  static constexpr int kBuckets = kSteps * (32 - 6 + 1);

  static int bucket_of(std::uint32_t us);
  static std::uint32_t middle_of(int bucket);

  std::uint32_t runs_[kBuckets] = {};
  std::uint64_t sum_ = 0;
  std::uint32_t count_ = 0, least_ = ~0u, most_ = 0;
};

}  // namespace mudra::device
