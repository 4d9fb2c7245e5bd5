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

  // The same for what only those who listen now need to know.
  void say_in_passing(std::string json);

  // Of one listener: the last events that it was told.
  struct At {
    std::uint64_t kept = 0, passing = 0;
  };

  // That of a listener who begins now: what is kept is still to be told.
  At begin();

  // The event after `*at`, which it moves on, as "data: JSON\n\n"; after a second without one a comment,
  // which shows whether anybody still listens; "" after end().
  std::string next(At* at);

  void end();

 private:
  // The last ones of one kind, and how many there were in all.
  struct Last {
    std::deque<std::string> texts = {};
    std::uint64_t said = 0;

    void add(std::string text);
    const std::string* after(std::uint64_t* at) const;  // null: none
  };

  void say_to(Last Events::*kind, std::string json);

  std::mutex mutex_;
  std::condition_variable changed_;
  Last kept_, passing_;
  bool ended_ = false;
};

}  // namespace mudra::studio
