// A terminal that is drawn on and whose keys are read, one at a time; afterwards it is what it was.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace mudra {

// What a terminal can show, as far as it says so itself within a time limit.
struct TerminalAbility {
  bool kitty = false, sixel = false;      // pictures of pixels
  int cell_width = 10, cell_height = 20;  // pixels of a letter
  int columns = 80, lines = 24;
};

// What the answers to Terminal's questions say; anything else in them is passed over.
void read_ability(std::string_view answers, TerminalAbility& ability);

// Whether `answers` has the last of them.
bool is_answered(std::string_view answers);

// Keys out of what a terminal sends: an escape sequence, as arrows and answers are, is no key.
class KeyReader {
 public:
  // The key of this byte, or '\0'.
  char push(char byte);

 private:
  enum class State { kPlain, kEscape, kSequence, kText, kTextEscape, kOne };
  State state_ = State::kPlain;
};

// While it lives, the screen is another one, without a cursor, and what is typed is not shown; Ctrl-C still
// interrupts. What was there before is there again afterwards, also when a second Ctrl-C ends the program.
// One at a time.
class Terminal {
 public:
  // Whether stdin and stdout are a terminal that can be drawn on.
  static bool is_there();

  // Precondition: is_there(). Asks what it can and waits for the answers at most `patience`.
  explicit Terminal(std::chrono::milliseconds patience = std::chrono::milliseconds(300));
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  const TerminalAbility& ability() const { return ability_; }

  // Its size in letters now; whether that has changed since the last call.
  bool measure();

  // A key that was pressed, '\0' after `timeout` without one; kEnd once nobody is there any more.
  static constexpr char kEnd = '\x04';
  char key(std::chrono::milliseconds timeout);

 private:
  void ask(std::chrono::milliseconds patience);

  TerminalAbility ability_;
  KeyReader keys_;
};

}  // namespace mudra
