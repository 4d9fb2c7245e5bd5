// What every open page is told, as server-sent events.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>

namespace mudra::studio {

// The last events are kept, so that a page that is opened later knows them too.
class Events {
 public:
  // `json`: one line.
  void say(std::string json);

  // The event after `*at` (0 at first: the oldest that is kept), which it moves on, as "id: N\ndata:
  // JSON\n\n"; after a second without one a comment, which shows whether anybody still listens; "" after
  // end().
  std::string next(std::uint64_t* at);

  void end();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> kept_;
  std::uint64_t said_ = 0;  // in all
  bool ended_ = false;
};

}  // namespace mudra::studio
