#include "mudra/graph/decision_rule.hpp"

#include <fmt/format.h>

#include "mudra/base/error.hpp"

namespace mudra::graph {
namespace {

std::string percentage(device::Probability share) {
  return fmt::format("{:.2f}", device::hundredths_of_percent(share) / 100.0);
}

}  // namespace

device::SmoothingRule decision_rule(std::string_view pictures, std::string_view enter,
                                    std::string_view leave) {
  device::SmoothingRule rule;
  if (!device::read_smoothing_rule(pictures, enter, leave, rule))
    fail(
        "its {} '{}', {} '{}' and {} '{}' are no rule: 1 to {} pictures, and percentages with two digits, "
        "the "
        "first of more than 50.00, the second at most as much",
        device::kDecisionPicturesKey, pictures, device::kDecisionEnterKey, enter, device::kDecisionLeaveKey,
        leave, device::kMostSmoothedPictures);
  return rule;
}

std::optional<device::SmoothingRule> stated_decision_rule(
    const std::map<std::string, std::string>& metadata) {
  const auto text_of = [&](std::string_view key) {
    const auto entry = metadata.find(std::string(key));
    return entry == metadata.end() ? std::string_view() : std::string_view(entry->second);
  };
  const std::string_view pictures = text_of(device::kDecisionPicturesKey),
                         enter = text_of(device::kDecisionEnterKey),
                         leave = text_of(device::kDecisionLeaveKey);
  if (pictures.empty() && enter.empty() && leave.empty()) return std::nullopt;
  return decision_rule(pictures, enter, leave);
}

void state_decision_rule(std::map<std::string, std::string>& metadata, const device::SmoothingRule& rule) {
  metadata[std::string(device::kDecisionPicturesKey)] = fmt::to_string(rule.pictures);
  metadata[std::string(device::kDecisionEnterKey)] = percentage(rule.enter);
  metadata[std::string(device::kDecisionLeaveKey)] = percentage(rule.leave);
}

std::string text_of(const device::SmoothingRule& rule) {
  return fmt::format("from {} % on, until below {} %, over {} pictures", percentage(rule.enter),
                     percentage(rule.leave), rule.pictures);
}

}  // namespace mudra::graph
