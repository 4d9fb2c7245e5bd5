#include "mudra/cli/own_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/shell.hpp"

namespace mudra::cli {
namespace {

constexpr int kNotStarted = 127;  // exit code; this program's own are 0, 1 and 2

// Makes a new process a command of this program, in `folder`, with `answer` as stdout, or stderr when that is
// empty. It is killed when `parent` ends, however that ends, and by a SIGTERM that comes before the command
// can catch it; `mask` is what signals it blocks.
[[noreturn]] void become(char* const* argv, const char* folder, const char* answer, pid_t parent,
                         const sigset_t& mask) {
  std::signal(SIGTERM, SIG_DFL);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kNotStarted);  // it had ended before
  const bool ready =
      ::chdir(folder) == 0 &&
      ::dup2(*answer == '\0' ? STDERR_FILENO : ::open(answer, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0644),
             STDOUT_FILENO) >= 0;
  if (ready) ::execv("/proc/self/exe", argv);
  ::_exit(kNotStarted);
}

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
  // Ignored, as a caller may have left it, nobody would learn how a child ended.
  std::signal(SIGCHLD, SIG_DFL);
  // Until the child is the command, the handler it has from here would only set a flag that exec drops.
  sigset_t told, before;
  ::sigemptyset(&told);
  ::sigaddset(&told, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &told, &before);
  const pid_t parent = ::getpid(), process = ::fork();
  if (process == 0) become(argv.data(), folder.c_str(), unfinished.c_str(), parent, before);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (process < 0)
    throw Error(ErrorKind::kIo,
                fmt::format("'{}' cannot be started: {}", command_line(arguments), std::strerror(errno)));
  const int status = wait_for(process);
  if (!answer.empty() && status == 0) std::filesystem::rename(folder / unfinished, folder / answer, error);
  if (!answer.empty() && status != 0) std::filesystem::remove(folder / unfinished, error);
  stop_if_interrupted();
  if (WIFSIGNALED(status))
    fail("'{}' was ended by a signal: {}", command_line(arguments), strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) == kNotStarted)
    throw Error(ErrorKind::kIo, fmt::format("'{}' cannot be started", command_line(arguments)));
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

std::string command_line(const std::vector<std::string>& arguments) {
  std::string line = "mudra";
  for (const std::string& word : arguments) line += ' ' + shell_word(word);
  return line;
}

}  // namespace mudra::cli
