// Words as a shell like bash takes them.
#pragma once

#include <string>

namespace mudra {

// As one word, always in quotes: 'it'\''s'.
std::string shell_quoted(const std::string& text);

// As one word, in quotes where it needs them.
std::string shell_word(const std::string& text);

}  // namespace mudra
