// A progress line on stderr: a bar with rate and time left on a terminal, nothing elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace mudra {

// One piece of long work of `total` items. advance() from one thread only.
class Progress {
 public:
  Progress(std::string label, std::size_t total, std::string unit = "images");
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // removes the line

  void advance(std::size_t items = 1);
  // Shown behind the numbers, e.g. "loss 0.41".
  void note(std::string text);

 private:
  void draw();

  std::string label_, unit_, note_;
  std::size_t total_, done_ = 0;
  bool visible_;
  std::chrono::steady_clock::time_point start_, drawn_;
};

}  // namespace mudra
