// How far long work is, on stderr: on a terminal a bar with rate and time left, in a log a line now and then.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace mudra {

// One piece of long work of `total` items. advance() from one thread only.
class Progress {
 public:
  // A log gets a line each `log_interval` and, if there was one, a last one at the end: nothing of short
  // work.
  Progress(std::string label, std::size_t total, std::string unit = "images",
           std::chrono::milliseconds log_interval = std::chrono::seconds(15));
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // removes the bar

  void advance(std::size_t items = 1);
  // Shown behind the numbers, e.g. "loss 0.41".
  void note(std::string text);

 private:
  using Clock = std::chrono::steady_clock;

  std::string numbers(Clock::time_point now) const;
  void draw(Clock::time_point now);

  std::string label_, unit_, note_;
  std::size_t total_, done_ = 0;
  bool on_terminal_, drawn_ = false;
  std::chrono::milliseconds interval_;
  Clock::time_point start_, last_;
};

}  // namespace mudra
