// A model's own rule of what is shown of its scores, in its metadata: device::SmoothingRule, as the chip
// reads it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "mudra/device/smoothing.hpp"

namespace mudra::graph {

// Of these texts, as device::read_smoothing_rule reads them. Throws Error for what is no rule.
device::SmoothingRule decision_rule(std::string_view pictures, std::string_view enter,
                                    std::string_view leave);

// What a model's metadata states; nothing where it has none of the keys. Throws Error as above.
std::optional<device::SmoothingRule> stated_decision_rule(const std::map<std::string, std::string>& metadata);

void state_decision_rule(std::map<std::string, std::string>& metadata, const device::SmoothingRule& rule);

// The probability from which a class is shown, as a share.
inline double threshold_of(const device::SmoothingRule& rule) {
  return device::hundredths_of_percent(rule.enter) / 10000.0;
}

// "from 92.50 % on, until below 69.37 %, over 4 pictures"
std::string text_of(const device::SmoothingRule& rule);

}  // namespace mudra::graph
