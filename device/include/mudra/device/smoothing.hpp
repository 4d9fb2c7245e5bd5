// What a row of pictures shows: a class once its probability has stayed high, "none" while nothing has.
#pragma once

#include <span>

#include "mudra/device/probabilities.hpp"

namespace mudra::device {

inline constexpr int kNone = -1;  // no class

struct SmoothingRule {
  // Each picture moves the smoothed probabilities by 1/pictures of the way to its own: 1 takes it as it is,
  // more forget an odd picture and take longer to notice a change. At least 1.
  int pictures = 4;
  // A class is shown when its smoothed probability reaches `enter`, and until it falls below `leave`: so that
  // one near the threshold does not flicker. leave <= enter, and enter above one half, so that no two
  // compete.
  Probability enter = probability_of(8000), leave = probability_of(6000);
};

class Smoothing {
 public:
  // Shows none, and forgets all pictures. `classes` is 1 to kMaxClasses.
  void begin(const SmoothingRule& rule, int classes);

  // One picture's probabilities. Returns the class to show, or kNone. The first picture after begin counts
  // as if all before it had been like it.
  int push(std::span<const Probability> picture);

  int shown() const { return shown_; }
  std::span<const Probability> smoothed() const { return {smoothed_, static_cast<std::size_t>(classes_)}; }

 private:
  SmoothingRule rule_;
  int classes_ = 0, shown_ = kNone;
  bool empty_ = true;
  Probability smoothed_[kMaxClasses] = {};
};

}  // namespace mudra::device
