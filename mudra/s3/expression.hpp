// Constant expressions of the assembler.
#pragma once

#include <cstdint>
#include <string_view>

namespace mudra::s3 {

// Space within a line.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

// The value of "2*3 + 1", "-(1<<4)", "0x10": numbers in decimal, 0x, 0b and 0 (octal), + - * / % << >> & | ^
// ~ and parentheses, with GNU as's precedence: `*`, `/`, `%` and shifts bind closest, then `&`, `|` and `^`,
// then `+` and `-`. Throws Error for anything else, division by zero, and values beyond 64 bits.
std::int64_t constant(std::string_view text);

}  // namespace mudra::s3
