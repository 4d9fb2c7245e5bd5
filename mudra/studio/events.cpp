#include "mudra/studio/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mudra::studio {

void Events::say(std::string json) {
  constexpr std::size_t kMostKept = 1000;
  const std::lock_guard lock(mutex_);
  kept_.push_back(std::move(json));
  ++said_;
  if (kept_.size() > kMostKept) kept_.pop_front();
  changed_.notify_all();
}

std::string Events::next(std::uint64_t* at) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::seconds(1), [&] { return ended_ || *at < said_; });
  if (ended_) return "";
  if (*at >= said_) return ": alive\n\n";
  *at = std::max(*at, said_ - kept_.size()) + 1;
  return fmt::format("id: {}\ndata: {}\n\n", *at, kept_[kept_.size() - (said_ - *at) - 1]);
}

void Events::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

}  // namespace mudra::studio
