// The studio's work: one `mudra` command at a time, as a child process, whose lines and figures every page
// sees.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mudra/studio/events.hpp"

namespace mudra::studio {

struct Command {
  std::string kind;                     // "train"
  std::string run = {};                 // the run it works on, by its name
  std::vector<std::string> words = {};  // behind "mudra"
  std::filesystem::path output = {};    // the file that gets what it prints on stdout; empty: pages do
  std::filesystem::path figures = {};   // a file of JSON lines that it writes, each of which becomes an event
  bool uses_board = false;              // its port, which one program at a time can have open
};

// As one would type it: "mudra evaluate runs/mine-1 --json > evaluation.json".
std::string text_of(const Command& command);

// {kind, run, text}: what pages are told of it.
nlohmann::ordered_json json_of(const Command& command);

class Jobs {
 public:
  // `program`: what is started, this very one unless a test says otherwise.
  explicit Jobs(Events& events, std::string program = "/proc/self/exe")
      : events_(events), program_(std::move(program)) {}
  ~Jobs();  // asks what runs to stop and save, and waits for it, half a minute at most
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Starts the program with the command's words, without a shell, in a process group of its own; false:
  // something runs already. Events: {"started": {kind, run, text}}, {"line": TEXT}, {"figures": {...}},
  // {"ended": {kind, run, text, ok, how}}; before that last one `ended` is called, from another thread. When
  // the studio dies, the system asks the child to stop.
  bool start(const Command& command, std::function<void()> ended = {});

  // Asks it to stop (SIGINT: a training saves); ten seconds later, asked again, ends it. False: nothing runs.
  bool stop();

  // What runs; an empty kind: nothing.
  Command running();

 private:
  using Clock = std::chrono::steady_clock;

  int run(const Command& command);  // what waitpid says of it

  Events& events_;
  std::string program_;
  std::mutex mutex_;
  Command running_;
  pid_t child_ = 0;  // 0: none, or not yet; never one that was waited for
  bool asked_to_stop_ = false;
  Clock::time_point asked_;
  std::thread thread_;
};

}  // namespace mudra::studio
