// What files call things, where it is printed: messages have one line, and a terminal obeys control
// characters.
#pragma once

#include <string>
#include <string_view>

namespace mudra {

// Whether there are no control characters.
bool is_printable(std::string_view name);

// Throws Error for control characters: "a ROLE has control characters".
void check_printable(std::string_view name, const char* role);

bool is_utf8(std::string_view text);

// The text with a space for every control character, and U+FFFD for what is not UTF-8.
std::string printable(std::string_view text);

}  // namespace mudra
