#include "mudra/studio/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mudra::studio {

void Events::Last::add(std::string text) {
  constexpr std::size_t kMost = 1000;
  texts.push_back(std::move(text));
  ++said;
  if (texts.size() > kMost) texts.pop_front();
}

const std::string* Events::Last::after(std::uint64_t* at) const {
  if (*at >= said) return nullptr;
  *at = std::max(*at, said - texts.size()) + 1;
  return &texts[texts.size() - (said - *at) - 1];
}

void Events::say_to(Last Events::*kind, std::string json) {
  const std::lock_guard lock(mutex_);
  (this->*kind).add(std::move(json));
  changed_.notify_all();
}

void Events::say(std::string json) { say_to(&Events::kept_, std::move(json)); }
void Events::say_in_passing(std::string json) { say_to(&Events::passing_, std::move(json)); }

Events::At Events::begin() {
  const std::lock_guard lock(mutex_);
  return {.passing = passing_.said};
}

std::string Events::next(At* at) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(1),
                    [&] { return ended_ || at->kept < kept_.said || at->passing < passing_.said; });
  if (ended_) return "";
  const std::string* text = kept_.after(&at->kept);
  if (text == nullptr) text = passing_.after(&at->passing);
  return text == nullptr ? ": alive\n\n" : fmt::format("data: {}\n\n", *text);
}

void Events::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace mudra::studio
