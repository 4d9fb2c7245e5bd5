// What a row of pictures shows: a class once its probability has stayed high, "none" while nothing has.
#pragma once

#include <span>
#include <string_view>

#include "mudra/device/class_names.hpp"
#include "mudra/device/probabilities.hpp"

namespace mudra::device {

// Metadata of these keys is a model's own SmoothingRule: "4", and percentages such as "80.00".
inline constexpr std::string_view kDecisionPicturesKey = "decision_pictures",
                                  kDecisionEnterKey = "decision_enter", kDecisionLeaveKey = "decision_leave";

struct SmoothingRule {
  // Each picture moves the smoothed probabilities by 1/pictures of the way to its own: 1 takes it as it is,
  // more forget an odd picture and take longer to notice a change. At least 1.
  int pictures = 4;
  // A class is shown when its smoothed probability reaches `enter`, and until it falls below `leave`: so that
  // one near the threshold does not flicker. leave <= enter, and enter above one half, so that no two
  // compete.
  Probability enter = probability_of(8000), leave = probability_of(6000);

  friend constexpr bool operator==(const SmoothingRule&, const SmoothingRule&) = default;
};

inline constexpr int kMostSmoothedPictures = 100;

// Whether it is one: 1 to kMostSmoothedPictures, and 0 < leave <= enter <= kCertain with `enter` above one
// half.
constexpr bool is_rule(const SmoothingRule& rule) {
  return rule.pictures >= 1 && rule.pictures <= kMostSmoothedPictures && rule.enter > kCertain / 2 &&
         rule.enter <= kCertain && rule.leave > 0 && rule.leave <= rule.enter;
}

// The rule that these texts of metadata state; one that is empty leaves its part as it is in `rule`. False,
// and `rule` as it was, for any other text and for what is no rule.
bool read_smoothing_rule(std::string_view pictures, std::string_view enter, std::string_view leave,
                         SmoothingRule& rule);

class Smoothing {
 public:
  // Shows none, and forgets all pictures. `classes` is 1 to kMaxClasses, `none` the one that is never shown
  // (ClassNames::none), or kNoClass.
  void begin(const SmoothingRule& rule, int classes, int none = kNoClass);

  // One picture's probabilities. Returns the class to show, or kNoClass. The first picture after begin counts
  // as if all before it had been like it.
  int push(std::span<const Probability> picture);

  int shown() const { return shown_; }
  std::span<const Probability> smoothed() const { return {smoothed_, static_cast<std::size_t>(classes_)}; }

 private:
  SmoothingRule rule_;
  int classes_ = 0, none_ = kNoClass, shown_ = kNoClass;
  bool empty_ = true;
  Probability smoothed_[kMaxClasses] = {};
};

}  // namespace mudra::device
