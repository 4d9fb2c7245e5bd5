// What the program says on stdout and stderr: a terminal shows what is quoted and obeys none of it, and a
// stream that takes no more never ends the program. Nothing else writes to them.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

#include "mudra/base/printable.hpp"

namespace mudra {

// Strings become one printable line; all else is formatted as it is.
template <typename T>
using Shown = std::conditional_t<std::is_convertible_v<const T&, std::string_view>, std::string, const T&>;

template <typename T>
Shown<T> shown(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return printable(value);
  else
    return value;
}

// The text with a space for every control character but line feeds, and U+FFFD for what is not UTF-8.
std::string printable_lines(std::string_view text);

// On stdout, which may keep it until flush_stdout(). The text keeps its lines and loses control characters.
void print_out(std::string_view text);
template <typename First, typename... Rest>
void print_out(fmt::format_string<Shown<First>, Shown<Rest>...> format, const First& first,
               const Rest&... rest) {
  print_out(std::string_view(fmt::format(format, shown(first), shown(rest)...)));
}

// Throws Error{kIo} unless all that was printed on stdout arrived; without a text when its reader is gone, as
// `head` is, and nobody waits for one.
void flush_stdout();

// On stderr; what it does not take is lost.
void print_err(std::string_view text);
template <typename First, typename... Rest>
void print_err(fmt::format_string<Shown<First>, Shown<Rest>...> format, const First& first,
               const Rest&... rest) {
  print_err(std::string_view(fmt::format(format, shown(first), shown(rest)...)));
}

// As it is, for escape sequences of our own: with nothing in it that was read anywhere.
void draw_out(std::string_view drawing);
void draw_err(std::string_view drawing);

// Stdin, stdout and stderr that the caller had closed fail when they are used, and no file opened later takes
// their place.
void occupy_closed_streams();

}  // namespace mudra
