#include "mudra/base/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "mudra/base/output.hpp"

namespace mudra {

Progress::Progress(std::string label, std::size_t total, std::string unit,
                   std::chrono::milliseconds log_interval)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      on_terminal_(::isatty(STDERR_FILENO) != 0),
      interval_(on_terminal_ ? std::chrono::milliseconds(100) : log_interval),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (on_terminal_)
    draw_err("\r\033[K");
  else if (drawn_)
    print_err("{}: {}/{} in {:.0f} s\n", label_, done_, total_,
              std::chrono::duration<double>(Clock::now() - start_).count());
}

void Progress::advance(std::size_t items) {
  done_ += items;
  const auto now = Clock::now();
  if (now - last_ < interval_) return;
  last_ = now;
  drawn_ = true;
  draw(now);
}

void Progress::note(std::string text) { note_ = std::move(text); }

std::string Progress::numbers(Clock::time_point now) const {
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = static_cast<double>(done_) / std::max(seconds, 1e-3);
  const double left = rate > 0 && total_ > done_ ? static_cast<double>(total_ - done_) / rate : 0;
  return fmt::format("{}/{} {:.0f} {}/s, {:.0f} s left{}{}", done_, total_, rate, unit_, left,
                     note_.empty() ? "" : ", ", note_);
}

void Progress::draw(Clock::time_point now) {
  constexpr std::size_t kWidth = 24;
  const std::size_t filled = total_ == 0 ? kWidth : std::min(kWidth, kWidth * done_ / total_);
  if (on_terminal_)
    draw_err(printable(
                 fmt::format("{} [{:#<{}}{:.<{}}] {}", label_, "", filled, "", kWidth - filled, numbers(now)))
                 .insert(0, "\r\033[K"));
  else
    print_err("{}: {}\n", label_, numbers(now));
}

}  // namespace mudra
