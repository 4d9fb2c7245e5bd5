// What the board's camera sees, while a page looks: its port is open as long as pictures are asked for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "mudra/deploy/board_picture.hpp"

namespace mudra::studio {

class BoardEye {
 public:
  explicit BoardEye(std::string port) : port_(std::move(port)) {}
  ~BoardEye();
  BoardEye(const BoardEye&) = delete;
  BoardEye& operator=(const BoardEye&) = delete;

  // The next picture that is not number `after`, which the page has, waiting for it two seconds at most:
  // {number, problem, width, height, channels, pixels (base64), us, label, shown, percents (by class)};
  // without one only {number: after, problem}, where `problem` is one line or, while all is well, empty.
  nlohmann::ordered_json next(std::uint64_t after);

  // What was given last and is some seconds old at most. Throws Error: there is none.
  deploy::BoardPicture latest();

  // Closes the port and keeps it closed, for the command `by` that uses it, until open_again(). False: it did
  // not close within ten seconds.
  bool close_for(const std::string& by);
  void open_again();

 private:
  using Clock = std::chrono::steady_clock;

  struct Seen {
    deploy::BoardPicture picture;
    std::uint32_t us = 0;
    std::string label, shown;
    std::vector<double> percents;
  };

  bool is_wanted(Clock::time_point now) const;  // with mutex_
  void watch();
  void look();
  void say(const std::string& problem);

  std::string port_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;       // from the first time on that a picture is asked for
  Clock::time_point asked_;  // last
  std::string used_by_;      // the command that has the port; empty: none
  bool open_ = false, ending_ = false;
  Seen seen_;
  std::uint64_t number_ = 0;  // of what was seen last; 0: nothing is seen now
  std::uint64_t count_ = 0;   // of all pictures
  std::string problem_;
  std::uint64_t problems_ = 0;  // said in all
};

}  // namespace mudra::studio
