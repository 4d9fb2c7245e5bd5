#include "mudra/data/synthetic_set.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/share.hpp"

namespace mudra::data {
namespace {

constexpr std::string_view kSynthetic = "synthetic";

std::optional<std::size_t> count_of(std::string_view text) {
  std::size_t number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class Value, std::size_t kCount>
Value value_named(const std::array<std::pair<std::string_view, Value>, kCount>& values,
                  std::string_view name) {
  for (const auto& [known, value] : values)
    if (known == name) return value;
  fail("'{}' is not {}, {} or {}", name, values[0].first, values[1].first, values[2].first);
}

void set_option(Rendering& rendering, std::string_view option) {
  const auto equals = std::min(option.find('='), option.size());
  const std::string_view key = option.substr(0, equals),
                         value = option.substr(std::min(equals + 1, option.size()));
  if (key == "light")
    rendering.light = lighting_named(value);
  else if (key == "hands")
    rendering.hands = hands_named(value);
  else if (key == "none")
    rendering.none = share_of_none(value);
  else
    fail("'{}' is not light=infrared|visible|both, hands=right|left|both or none=PERCENT", option);
}

}  // namespace

Lighting lighting_named(std::string_view name) {
  return value_named<Lighting, 3>(
      {{{"infrared", Lighting::kInfrared}, {"visible", Lighting::kVisible}, {"both", Lighting::kBoth}}},
      name);
}

Hands hands_named(std::string_view name) {
  return value_named<Hands, 3>({{{"right", Hands::kRight}, {"left", Hands::kLeft}, {"both", Hands::kBoth}}},
                               name);
}

float share_of_none(std::string_view share) {
  constexpr int kMostPercent = 90;
  return static_cast<float>(share_named(share, kMostPercent));
}

std::optional<SyntheticSet> synthetic_set(const std::string& text) {
  std::string_view rest = text;
  if (!rest.starts_with(kSynthetic)) return std::nullopt;
  rest.remove_prefix(kSynthetic.size());
  if (!rest.empty() && rest[0] != ':' && rest[0] != ',') return std::nullopt;
  return with_context(text, [&] {
    SyntheticSet set;
    if (rest.starts_with(':')) {
      const auto end = std::min(rest.find(','), rest.size());
      const std::string_view count = rest.substr(1, end - 1);
      const auto hands = count_of(count);
      if (!hands) fail("'{}' is no number of pictures", count);
      set.hands = *hands;
      rest.remove_prefix(end);
    }
    while (!rest.empty()) {
      const auto end = std::min(rest.find(',', 1), rest.size());
      set_option(set.rendering, rest.substr(1, end - 1));
      rest.remove_prefix(end);
    }
    return set;
  });
}

SyntheticSize synthetic_size(std::size_t hands) {
  if (hands == 0 || hands % kGestures != 0)
    fail("the number of pictures must be a multiple of {}, as many of each gesture: for example {}",
         kGestures, std::max<std::size_t>(1, (hands + kGestures / 2) / kGestures) * kGestures);
  if (hands > max_images()) fail("{} pictures are more than the {} a set may have", hands, max_images());
  constexpr std::size_t kFewestPeople = 3;  // to train, to validate and to test on
  constexpr double kImagesPerClass = 20;
  const std::size_t per_gesture = hands / kGestures;
  const double wanted = std::max<double>(kFewestPeople, static_cast<double>(per_gesture) / kImagesPerClass);
  std::size_t best = per_gesture;  // people; every picture another person's, the last resort
  for (std::size_t people = std::min(kFewestPeople, per_gesture); people < per_gesture; ++people) {
    const auto distance = [&](std::size_t p) { return std::abs(std::log(static_cast<double>(p) / wanted)); };
    if (per_gesture % people == 0 && distance(people) < distance(best)) best = people;
  }
  return {.people = static_cast<int>(best), .images_per_class = static_cast<int>(per_gesture / best)};
}

}  // namespace mudra::data
