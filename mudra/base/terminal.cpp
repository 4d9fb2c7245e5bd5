#include "mudra/base/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>

#include "mudra/base/before_death.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/output.hpp"

namespace mudra {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Another screen without a cursor; and back, with what was drawn as kitty's pictures gone.
constexpr std::string_view kEnter = "\033[?1049h\033[?25l\033[2J\033[H";
constexpr std::string_view kLeave = "\033[0m\033[?25h\033[?1049l";

// A picture of one pixel for kitty's protocol, the size of a letter, and what every terminal answers last.
constexpr std::string_view kQuestions = "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[16t\033[c";
constexpr std::string_view kKittyIsGood = "\033_Gi=31;OK";

termios g_before = {};

// Only what a signal handler may call.
void restore() {
  static_cast<void>(::tcsetattr(STDIN_FILENO, TCSANOW, &g_before));
  static_cast<void>(!::write(STDOUT_FILENO, kLeave.data(), kLeave.size()));
}

// The numbers of the first answer "\033[" `mark` N;N;... `end`; none if there is no such answer.
int numbers_of(std::string_view answers, std::string_view mark, char end, int* numbers, int most) {
  for (auto at = answers.find(mark); at != answers.npos; at = answers.find(mark, at + 1)) {
    const char* next = answers.data() + at + mark.size();
    const char* const last = answers.data() + answers.size();
    int count = 0;
    while (count < most) {
      if (count > 0 && next < last && *next == end) return count;  // a ';' too many, as kitty has
      const auto [behind, error] = std::from_chars(next, last, numbers[count]);
      if (error != std::errc() || behind == last) break;
      ++count;
      next = behind + 1;
      if (*behind == end) return count;
      if (*behind != ';') break;
    }
  }
  return 0;
}

constexpr std::string_view kAttributes = "\033[?";
constexpr int kMostAttributes = 32;

}  // namespace

bool is_answered(std::string_view answers) {
  int numbers[kMostAttributes] = {};
  return numbers_of(answers, kAttributes, 'c', numbers, kMostAttributes) > 0;
}

void read_ability(std::string_view answers, TerminalAbility& ability) {
  constexpr int kSixel = 4, kCellSize = 6, kMostCell = 200;
  ability.kitty = answers.find(kKittyIsGood) != answers.npos;
  int numbers[kMostAttributes] = {};
  const int count = numbers_of(answers, kAttributes, 'c', numbers, kMostAttributes);
  // The first is what kind of terminal it is.
  ability.sixel = count > 1 && std::find(numbers + 1, numbers + count, kSixel) != numbers + count;
  const auto sound = [](int pixels) { return pixels > 1 && pixels <= kMostCell; };
  if (numbers_of(answers, "\033[", 't', numbers, 3) == 3 && numbers[0] == kCellSize && sound(numbers[1]) &&
      sound(numbers[2])) {
    ability.cell_height = numbers[1];
    ability.cell_width = numbers[2];
  }
}

char KeyReader::push(char byte) {
  constexpr char kEscapeByte = '\033';
  switch (state_) {
    case State::kPlain:
      if (byte != kEscapeByte) return byte;
      state_ = State::kEscape;
      return '\0';
    case State::kEscape:
      state_ = byte == '['                                                ? State::kSequence
               : byte == 'O'                                              ? State::kOne
               : byte == '_' || byte == 'P' || byte == ']' || byte == '^' ? State::kText
               : byte == kEscapeByte                                      ? State::kEscape
                                                                          : State::kPlain;
      return '\0';
    case State::kSequence:
      if (byte >= '@' && byte <= '~') state_ = State::kPlain;
      return '\0';
    case State::kText:
      if (byte == kEscapeByte) state_ = State::kTextEscape;
      if (byte == '\a') state_ = State::kPlain;
      return '\0';
    case State::kTextEscape:
      state_ = byte == '\\' ? State::kPlain : State::kText;
      return '\0';
    case State::kOne:
      state_ = State::kPlain;
      return '\0';
  }
  return '\0';
}

bool Terminal::is_there() {
  const char* term = std::getenv("TERM");
  if (term == nullptr || *term == '\0' || std::string_view(term) == "dumb") return false;
  return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

Terminal::Terminal(milliseconds patience) {
  flush_stdout();
  ::tcgetattr(STDIN_FILENO, &g_before);
  before_death(restore);
  termios settings = g_before;
  settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  settings.c_cc[VSUSP] = _POSIX_VDISABLE;  // a stopped program would leave the terminal so
  ::tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  draw_out(kEnter);
  ask(patience);
  measure();
}

Terminal::~Terminal() {
  try {
    flush_stdout();
  } catch (...) {  // nobody reads it any more
  }
  before_death(nullptr);
  ::tcflush(STDIN_FILENO, TCIFLUSH);  // answers that came late are not typed to the shell
  restore();
}

// The console of the kernel shows questions it does not know.
void Terminal::ask(milliseconds patience) {
  const char* term = std::getenv("TERM");
  if (term != nullptr && std::string_view(term) == "linux") return;
  draw_out(kQuestions);
  flush_stdout();
  constexpr std::size_t kMostBytes = 4096;
  std::string answers;
  for (const auto end = Clock::now() + patience; answers.size() < kMostBytes && !is_answered(answers);) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    if (left.count() <= 0 || interrupted()) break;
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    char bytes[256];
    const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (count <= 0) break;
    answers.append(bytes, static_cast<std::size_t>(count));
  }
  read_ability(answers, ability_);
}

bool Terminal::measure() {
  winsize size = {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
  const bool changed = ability_.columns != size.ws_col || ability_.lines != size.ws_row;
  ability_.columns = size.ws_col;
  ability_.lines = size.ws_row;
  return changed;
}

char Terminal::key(milliseconds timeout) {
  for (const auto end = Clock::now() + timeout;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    pollfd waiting{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR) return '\0';
    if (ready <= 0) return ready == 0 ? '\0' : kEnd;
    char byte = '\0';
    if (::read(STDIN_FILENO, &byte, 1) != 1) return kEnd;
    if (const char key = keys_.push(byte); key != '\0') return key;
  }
}

}  // namespace mudra
