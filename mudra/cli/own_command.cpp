#include "mudra/cli/own_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"

namespace mudra::cli {
namespace {

// Where a new process works and what its stdout is.
class Surroundings {
 public:
  Surroundings(const std::filesystem::path& folder, const std::string& answer) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    if (answer.empty())
      posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    else
      posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, answer.c_str(),
                                       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644);
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  ~Surroundings() { posix_spawn_file_actions_destroy(&actions_); }

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// Waits for the end of `process`, which is told when this one is asked to stop. Throws Error{kIo} when its
// end cannot be known.
int wait_for(pid_t process) {
  constexpr useconds_t kPause = 10'000;
  bool told = false;
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(process, &status, WNOHANG);
    if (ended == process) return status;
    if (ended < 0 && errno != EINTR)
      throw Error(ErrorKind::kIo, fmt::format("waiting for a command: {}", std::strerror(errno)));
    if (interrupted() && !told) {
      kill(process, SIGTERM);
      told = true;
    }
    usleep(kPause);
  }
}

}  // namespace

void run_own_command(const std::vector<std::string>& arguments, const std::filesystem::path& folder,
                     const std::string& answer) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "mudra");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  // Only a finished answer gets its name.
  const std::string unfinished = answer.empty() ? "" : answer + ".part";
  std::error_code error;
  if (!answer.empty()) std::filesystem::remove(folder / unfinished, error);
  const Surroundings surroundings(folder, unfinished);
  std::signal(SIGCHLD,
              SIG_DFL);  // ignored, as a caller may have left it, nobody would learn how a child ended
  pid_t process = 0;
  const int refused =
      posix_spawn(&process, "/proc/self/exe", surroundings.get(), nullptr, argv.data(), environ);
  if (refused != 0)
    throw Error(ErrorKind::kIo,
                fmt::format("'{}' cannot be started: {}", command_line(arguments), std::strerror(refused)));
  const int status = wait_for(process);
  if (!answer.empty() && status == 0) std::filesystem::rename(folder / unfinished, folder / answer, error);
  if (!answer.empty() && status != 0) std::filesystem::remove(folder / unfinished, error);
  stop_if_interrupted();
  if (WIFSIGNALED(status))
    fail("'{}' was ended by a signal: {}", command_line(arguments), strsignal(WTERMSIG(status)));
  if (status != 0) fail("'{}' failed, as said above", command_line(arguments));
}

void add_words(std::vector<std::string>& words, const char* literal) {
  std::istringstream text(literal);
  for (std::string word; text >> word;) words.push_back(word);
}

void add_words(std::vector<std::string>& words, const std::string& word) { words.push_back(word); }

void add_words(std::vector<std::string>& words, const std::vector<std::string>& list) {
  words.insert(words.end(), list.begin(), list.end());
}

std::string shell_quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string command_line(const std::vector<std::string>& arguments) {
  std::string line = "mudra";
  for (const std::string& word : arguments) {
    const bool plain = !word.empty() && word.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                            "QRSTUVWXYZ0123456789_-./:=%,+@") == std::string::npos;
    line += ' ';
    line += plain ? word : shell_quoted(word);
  }
  return line;
}

}  // namespace mudra::cli
