#include "mudra/device/smoothing.hpp"

#include <algorithm>

namespace mudra::device {

void Smoothing::begin(const SmoothingRule& rule, int classes) {
  rule_ = rule;
  classes_ = classes;
  shown_ = kNone;
  empty_ = true;
}

int Smoothing::push(std::span<const Probability> picture) {
  int best = 0;
  for (int c = 0; c < classes_; ++c) {
    Probability& smoothed = smoothed_[c];
    const auto seen = static_cast<std::int32_t>(picture[static_cast<std::size_t>(c)]);
    const auto before = static_cast<std::int32_t>(smoothed);
    smoothed = static_cast<Probability>(empty_ ? seen : before + (seen - before) / rule_.pictures);
    if (smoothed > smoothed_[best]) best = c;
  }
  empty_ = false;
  if (shown_ != kNone && smoothed_[shown_] < rule_.leave) shown_ = kNone;
  if (smoothed_[best] >= rule_.enter) shown_ = best;
  return shown_;
}

}  // namespace mudra::device
