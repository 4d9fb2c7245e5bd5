#include "mudra/studio/jobs.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/base/shell.hpp"

namespace mudra::studio {
namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& event) { return event.dump(-1, ' ', false, Json::error_handler_t::replace); }

// One end of a pipe that is read here, line by line.
class Reader {
 public:
  explicit Reader(int end) : end_(end) { fcntl(end_, F_SETFL, O_NONBLOCK); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { ::close(end_); }

  pollfd waiting() const { return {.fd = open_ ? end_ : -1, .events = POLLIN, .revents = 0}; }
  bool is_open() const { return open_; }

  // Calls `take` with all that is there.
  template <typename Take>
  void read(const Take& take) {
    std::array<char, 4096> bytes{};
    while (open_) {
      const ssize_t got = ::read(end_, bytes.data(), bytes.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return;
      open_ = got > 0;
      if (open_) take(std::string_view(bytes.data(), static_cast<std::size_t>(got)));
    }
  }

 private:
  int end_;
  bool open_ = true;
};

// Text that comes in pieces, as lines of a length that a page shows.
class Lines {
 public:
  template <typename Take>
  void add(std::string_view text, const Take& take) {
    constexpr std::size_t kMostBytes = 2000;
    for (const char c : text) {
      if (c != '\n' && c != '\r' && line_.size() < kMostBytes) {
        line_ += c;
        continue;
      }
      end(take);
      if (c != '\n' && c != '\r') line_ = c;
    }
  }
  template <typename Take>
  void end(const Take& take) {
    if (!line_.empty()) take(printable(line_));
    line_.clear();
  }

 private:
  std::string line_;
};

// Between fork and exec of a program with threads: system calls only.
[[noreturn]] void become(const char* program, char* const* words, const std::array<int, 3>& streams,
                         pid_t parent) {
  setpgid(0, 0);  // Ctrl-C on the terminal is the studio's, which asks the child once
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);
  for (int i = 0; i < 3; ++i) dup2(streams[static_cast<std::size_t>(i)], i);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execv(program, words);
  _exit(127);
}

// Lines of a file of JSON lines that have not been told yet.
class Figures {
 public:
  explicit Figures(std::filesystem::path file) : file_(std::move(file)) {}

  template <typename Take>
  void look(const Take& take) {
    std::error_code error;
    const auto size = file_.empty() ? 0 : std::filesystem::file_size(file_, error);
    if (error || size == size_) return;
    size_ = size;
    const std::string text = read_text(file_);
    std::size_t line = 0;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
      if (line++ >= told_) take(text.substr(at, end - at));
    told_ = line;
  }

 private:
  std::filesystem::path file_;
  std::uintmax_t size_ = 0;
  std::size_t told_ = 0;
};

std::string how_it_ended(int status, bool stopped) {
  if (WIFSIGNALED(status)) return fmt::format("it was ended by a signal: {}", strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) == 0) return "done";
  if (stopped) return "stopped";
  return fmt::format("it failed, with {}", WEXITSTATUS(status));
}

}  // namespace

std::string text_of(const Command& command) {
  std::string text = "mudra";
  for (const std::string& word : command.words) text += fmt::format(" {}", shell_word(word));
  return command.output.empty() ? text : fmt::format("{} > {}", text, shell_word(command.output.string()));
}

Json json_of(const Command& command) {
  return {{"kind", command.kind}, {"run", command.run}, {"text", text_of(command)}};
}

Jobs::~Jobs() {
  constexpr std::chrono::milliseconds kPatience{30000}, kLook{50};
  if (stop())
    for (auto waited = std::chrono::milliseconds(0); !running().kind.empty(); waited += kLook) {
      if (waited >= kPatience && waited < kPatience + kLook) {
        const std::lock_guard lock(mutex_);
        if (child_ > 0) kill(child_, SIGKILL);
      }
      std::this_thread::sleep_for(kLook);
    }
  if (thread_.joinable()) thread_.join();
}

bool Jobs::start(const Command& command, std::function<void()> ended) {
  const std::lock_guard lock(mutex_);
  if (!running_.kind.empty()) return false;
  if (thread_.joinable()) thread_.join();  // at its end
  running_ = command;
  asked_to_stop_ = false;
  events_.say(line_of({{"started", json_of(command)}}));
  thread_ = std::thread([this, command, ended = std::move(ended)] {
    bool ok = false;
    std::string text;
    try {
      const int status = run(command);
      ok = status == 0;
      const std::lock_guard asking(mutex_);
      text = how_it_ended(status, asked_to_stop_);
    } catch (const std::exception& error) {
      text = error.what();
    }
    if (ended) ended();
    {
      const std::lock_guard end(mutex_);
      running_ = {};
    }
    Json about = json_of(command);
    about["ok"] = ok;
    about["how"] = text;
    events_.say(line_of({{"ended", about}}));
  });
  return true;
}

bool Jobs::stop() {
  constexpr auto kPatience = std::chrono::seconds(10);
  const std::lock_guard lock(mutex_);
  if (running_.kind.empty()) return false;
  if (!asked_to_stop_) {
    asked_ = Clock::now();
    if (child_ > 0) kill(child_, SIGINT);
  } else if (child_ > 0 && Clock::now() - asked_ >= kPatience) {
    kill(child_, SIGKILL);
  }
  asked_to_stop_ = true;
  return true;
}

Command Jobs::running() {
  const std::lock_guard lock(mutex_);
  return running_;
}

int Jobs::run(const Command& command) {
  constexpr int kLookMs = 200;
  std::vector<std::string> words = {"mudra"};
  words.insert(words.end(), command.words.begin(), command.words.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  // What a board was like before is not what it is now, should it fail.
  std::error_code missing;
  if (command.uses_board) std::filesystem::remove(command.output, missing);

  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  int out[2] = {-1, -1}, err[2] = {-1, -1};
  if (nothing < 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) fail_io("a pipe", errno);
  const pid_t parent = getpid(), child = fork();
  if (child == 0) become(program_.c_str(), arguments.data(), {nothing, out[1], err[1]}, parent);
  const int fork_error = errno;
  for (const int end : {nothing, out[1], err[1]}) ::close(end);
  Reader from_out(out[0]), from_err(err[0]);
  if (child < 0) fail_io("a process", fork_error);
  {
    const std::lock_guard lock(mutex_);
    child_ = child;
    if (asked_to_stop_) kill(child, SIGINT);
  }

  const auto say_line = [&](const std::string& line) { events_.say(line_of({{"line", line}})); };
  const auto say_figures = [&](const std::string& line) {
    const Json json = Json::parse(line, nullptr, false);
    if (json.is_object()) events_.say(line_of({{"figures", json}}));
  };
  Lines out_lines, err_lines;
  Figures figures(command.figures);
  std::string output;
  const auto take_out = [&](std::string_view text) {
    constexpr std::size_t kMostBytes = std::size_t{64} << 20;
    if (command.output.empty()) return out_lines.add(text, say_line);
    if (output.size() + text.size() > kMostBytes) fail("it prints more than a page could take");
    output += text;
  };
  int status = 0;
  const auto wait_for_end = [&] {
    const std::lock_guard lock(mutex_);
    waitpid(child, &status, 0);
    child_ = 0;
  };
  try {
    siginfo_t ended{};
    while (ended.si_pid == 0) {
      std::array ends = {from_out.waiting(), from_err.waiting()};
      ::poll(ends.data(), ends.size(), kLookMs);
      // First whether it has ended, then what it said: so nothing of it is lost.
      if (waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) != 0) break;
      from_out.read(take_out);
      from_err.read([&](std::string_view text) { err_lines.add(text, say_line); });
      figures.look(say_figures);
      if (!from_out.is_open() && !from_err.is_open() && ended.si_pid == 0)
        waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
    }
    out_lines.end(say_line);
    err_lines.end(say_line);
    figures.look(say_figures);
  } catch (...) {
    kill(child, SIGKILL);
    wait_for_end();
    throw;
  }
  wait_for_end();
  if (status == 0 && !command.output.empty()) write_text(command.output, output);
  return status;
}

}  // namespace mudra::studio
