#include "mudra/device/smoothing.hpp"

#include <algorithm>

#include "mudra/device/replies.hpp"

namespace mudra::device {
namespace {

// A percentage with two digits, which an empty text leaves as it is.
bool read_percentage(std::string_view text, Probability& share) {
  std::int32_t hundredths = 0;
  if (text.empty()) return true;
  if (!reply::parse_hundredths(text, hundredths) || hundredths < 1 || hundredths > 10000) return false;
  share = probability_of(hundredths);
  return true;
}

}  // namespace

bool read_smoothing_rule(std::string_view pictures, std::string_view enter, std::string_view leave,
                         SmoothingRule& rule) {
  SmoothingRule read = rule;
  std::int64_t count = rule.pictures;
  if ((!pictures.empty() && !parse_integer(pictures, count)) || count < 1 || count > kMostSmoothedPictures ||
      !read_percentage(enter, read.enter) || !read_percentage(leave, read.leave))
    return false;
  read.pictures = static_cast<int>(count);
  if (!is_rule(read)) return false;
  rule = read;
  return true;
}

void Smoothing::begin(const SmoothingRule& rule, int classes, int none) {
  rule_ = rule;
  classes_ = classes;
  none_ = none;
  shown_ = kNoClass;
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
  if (shown_ != kNoClass && smoothed_[shown_] < rule_.leave) shown_ = kNoClass;
  if (smoothed_[best] >= rule_.enter) shown_ = best == none_ ? kNoClass : best;
  return shown_;
}

}  // namespace mudra::device
