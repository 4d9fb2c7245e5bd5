// The one exception of the host program, and how context is added while it travels up.
#pragma once

#include <fmt/format.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "mudra/base/printable.hpp"

namespace mudra {

enum class ErrorKind {
  kBadInput,     // a file or value the user gave is wrong
  kIo,           // the system refused to read or write
  kInterrupted,  // the user asked to stop
};

// Thrown for what a user can cause. A broken promise between our own functions is an assert.
struct Error : std::exception {
  ErrorKind kind;
  // One line whatever it quotes, outermost context first: "model.pth: data.pkl: opcode 0x63 is not allowed".
  std::string text;

  Error(ErrorKind error_kind, std::string_view error_text) : kind(error_kind), text(printable(error_text)) {}
  const char* what() const noexcept override { return text.c_str(); }
};

// Throws Error{kBadInput} with a formatted text.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ErrorKind::kBadInput, fmt::format(format, std::forward<Args>(args)...));
}

// Calls `work`; an Error that leaves it is given "CONTEXT: " in front.
template <typename Work>
decltype(auto) with_context(const std::string& context, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (Error& error) {
    error.text = printable(context) + ": " + error.text;
    throw;
  }
}

}  // namespace mudra
