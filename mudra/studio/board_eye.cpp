#include "mudra/studio/board_eye.hpp"

#include <fmt/format.h>

#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/markup.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/deploy/board.hpp"

namespace mudra::studio {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::seconds;

constexpr seconds kLinger{4};  // after the last time that a picture was asked for

}  // namespace

BoardEye::~BoardEye() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Json BoardEye::next(std::uint64_t after) {
  constexpr seconds kPatience{2};
  std::unique_lock lock(mutex_);
  asked_ = Clock::now();
  if (!thread_.joinable() && !ending_) thread_ = std::thread([this] { watch(); });
  changed_.notify_all();
  const std::uint64_t problems = problems_;
  changed_.wait_for(lock, kPatience, [&] {
    return ending_ || (number_ != 0 && number_ != after) || problems_ != problems || !used_by_.empty();
  });
  asked_ = Clock::now();
  if (!used_by_.empty())
    return {{"number", after}, {"problem", fmt::format("{} talks to the board now", used_by_)}};
  if (number_ == 0 || number_ == after) return {{"number", after}, {"problem", problem_}};
  return {{"number", number_},
          {"problem", problem_},
          {"width", seen_.picture.shape.width},
          {"height", seen_.picture.shape.height},
          {"channels", seen_.picture.shape.channels},
          {"pixels", base64(seen_.picture.pixels)},
          {"us", seen_.us},
          {"label", seen_.label},
          {"shown", seen_.shown},
          {"percents", seen_.percents}};
}

deploy::BoardPicture BoardEye::latest() {
  const std::lock_guard lock(mutex_);
  if (number_ == 0) fail("the board shows no picture now");
  return seen_.picture;
}

bool BoardEye::close_for(const std::string& by) {
  constexpr seconds kPatience{10};
  std::unique_lock lock(mutex_);
  used_by_ = by;
  changed_.notify_all();
  if (changed_.wait_for(lock, kPatience, [&] { return !open_; })) return true;
  used_by_.clear();
  return false;
}

void BoardEye::open_again() {
  const std::lock_guard lock(mutex_);
  used_by_.clear();
  changed_.notify_all();
}

bool BoardEye::is_wanted(Clock::time_point now) const {
  return !ending_ && used_by_.empty() && now - asked_ < kLinger;
}

void BoardEye::say(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  number_ = 0;
  problem_ = printable(problem);
  ++problems_;
  changed_.notify_all();
}

// The thread: idle while nobody asks.
void BoardEye::watch() {
  constexpr seconds kPause{1};  // before a port that did not open is tried again
  std::unique_lock lock(mutex_);
  while (!ending_) {
    changed_.wait(lock, [&] { return ending_ || is_wanted(Clock::now()); });
    if (ending_) return;
    open_ = true;
    lock.unlock();
    std::string problem;
    try {
      look();
    } catch (const Error& error) {
      if (error.kind != ErrorKind::kInterrupted) problem = error.text;
    }
    if (!problem.empty()) say(problem);
    lock.lock();
    open_ = false;
    number_ = 0;
    changed_.notify_all();
    if (problem.empty())
      problem_.clear();
    else
      changed_.wait_for(lock, kPause, [&] { return ending_; });
  }
}

// Until nobody asks any more. Throws Error.
void BoardEye::look() {
  const auto is_over = [this] {
    const std::lock_guard lock(mutex_);
    return !is_wanted(Clock::now());
  };
  deploy::Board::Config config;
  config.rate = deploy::kFastRate;
  config.tell = [this](const std::string& text) { say(text); };
  config.is_over = is_over;
  deploy::Board board(port_, std::move(config));
  board.stream_pictures([&](const deploy::StreamedPicture& seen) {
    if (seen.picture == nullptr) return !is_over();
    const std::lock_guard lock(mutex_);
    seen_ = {.picture = *seen.picture,
             .us = seen.frame.us,
             .label = std::string(seen.frame.label),
             .shown = std::string(seen.frame.shown),
             .percents = seen.percents};
    number_ = ++count_;
    problem_.clear();
    changed_.notify_all();
    return is_wanted(Clock::now());
  });
}

}  // namespace mudra::studio
