// Random numbers that are the same on every machine: one independent stream per purpose and item, so results
// do not depend on the number of threads or the order of work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace mudra {

// SplitMix64 (Steele, Lea, Flood 2014). A small value; copy it freely.
class Random {
 public:
  // A stream of its own for every combination, e.g. Random(seed, kRenderStream, image_index).
  template <typename... Keys>
  explicit Random(std::uint64_t seed, Keys... keys) : state_(seed) {
    ((state_ = mix(state_ + kStep) ^ mix(static_cast<std::uint64_t>(keys) + kStep)), ...);
    state_ = mix(state_);
  }

  std::uint64_t bits() { return mix(state_ += kStep); }

  // In [0, 1), 24 bits.
  float uniform() { return static_cast<float>(bits() >> 40) * (1.0f / 16777216.0f); }
  float uniform(float low, float high) { return low + (high - low) * uniform(); }

  // In [0, count), count > 0 (multiply-shift; its bias is below count / 2^32).
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((bits() >> 32) * count) >> 32);
  }

  bool chance(float probability) { return uniform() < probability; }

 private:
  static constexpr std::uint64_t kStep = 0x9E3779B97F4A7C15ull;
  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

// Fisher and Yates.
template <typename T>
void shuffle(std::span<T> items, Random random) {
  for (std::size_t i = items.size(); i > 1; --i)
    std::swap(items[i - 1], items[random.below(static_cast<std::uint32_t>(i))]);
}

}  // namespace mudra
