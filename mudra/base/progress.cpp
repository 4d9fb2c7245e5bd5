#include "mudra/base/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace mudra {

using Clock = std::chrono::steady_clock;

Progress::Progress(std::string label, std::size_t total, std::string unit)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      visible_(::isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      drawn_(start_) {}

Progress::~Progress() {
  if (visible_) fmt::print(stderr, "\r\033[K");
}

void Progress::advance(std::size_t items) {
  done_ += items;
  if (!visible_) return;
  const auto now = Clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  draw();
}

void Progress::note(std::string text) { note_ = std::move(text); }

void Progress::draw() {
  constexpr std::size_t kWidth = 24;
  const double seconds = std::chrono::duration<double>(drawn_ - start_).count();
  const double rate = static_cast<double>(done_) / std::max(seconds, 1e-3);
  const std::size_t filled = total_ == 0 ? kWidth : std::min(kWidth, kWidth * done_ / total_);
  const double left = rate > 0 && total_ > done_ ? static_cast<double>(total_ - done_) / rate : 0;
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {}/{} {:.0f} {}/s, {:.0f} s left{}{}", label_, "", filled,
             "", kWidth - filled, done_, total_, rate, unit_, left, note_.empty() ? "" : ", ", note_);
  std::fflush(stderr);
}

}  // namespace mudra
