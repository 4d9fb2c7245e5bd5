// How quantities vary: between people, and around a person's habit from frame to frame.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "mudra/base/random.hpp"
#include "mudra/data/hand_math.hpp"

namespace mudra::data {

// Streams of random numbers, so that one more draw in one part leaves the others as they are.
enum Stream : std::uint64_t {
  kPersonStream,
  kHabitStream,
  kFrameStream,
  kNoiseStream,
  kLightStream,
  kHandStream,
  kRoomStream
};

// Close to the standard normal distribution, but within +-6: a sum of twelve uniform numbers.
inline float normal(Random& random) {
  std::uint32_t sum = 0;
  for (int draw = 0; draw < 3; ++draw) {
    const std::uint64_t bits = random.bits();
    for (int part = 0; part < 64; part += 16) sum += static_cast<std::uint32_t>(bits >> part) & 0xFFFFu;
  }
  return static_cast<float>(sum) * (1.0f / 65536.0f) - 6.0f;
}

inline float normal(Random& random, float mean, float spread) { return mean + spread * normal(random); }

// Between low and high > low > 0, every ratio equally likely.
inline float uniform_ratio(Random& random, float low, float octaves) {
  return low * power_of_two(random.uniform(0.0f, octaves));
}

// Draws quantities that keep close to a person's habit: most of each deviation comes from the habit's stream,
// the rest from the frame's. Over many people every quantity has the distribution its function names.
class Variation {
 public:
  // `spread` scales every deviation; at 0 each draw is its mean, and chance() is its likelier side.
  Variation(Random habit, Random frame, float spread = 1.0f)
      : habit_(habit), frame_(frame), spread_(spread) {}

  float normal(float mean, float spread) {
    constexpr float kHabit = 0.8f, kFrame = 0.6f;  // squares add to 1
    const float habit = data::normal(habit_), frame = data::normal(frame_);
    return mean + spread_ * spread * (kHabit * habit + kFrame * frame);
  }

  float uniform(float low, float high) {
    return 0.5f * (low + high) + spread_ * (high - low) * (unit_interval() - 0.5f);
  }

  // One of them, each equally likely.
  template <typename Choice, std::size_t kCount>
  const Choice& one_of(const Choice (&choices)[kCount]) {
    return choices[static_cast<std::size_t>(uniform(0, static_cast<float>(kCount) - 0.001f))];
  }

  bool chance(float probability) {
    const float drawn = unit_interval();
    return (spread_ > 0 ? drawn : 0.5f) < probability;
  }

 private:
  // In [0, 1]: the habit moved by up to a quarter and reflected at the ends, which keeps it uniform.
  float unit_interval() {
    const float habit = habit_.uniform(), moved = std::abs(habit + 0.5f * (frame_.uniform() - 0.5f));
    return moved > 1.0f ? 2.0f - moved : moved;
  }

  Random habit_, frame_;
  float spread_;
};

}  // namespace mudra::data
