// UTF-8 to the code points of NumPy's unicode strings and back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mudra::data {

// The code points of UTF-8 text. A byte that belongs to no valid sequence becomes U+DC00 + byte, as Python's
// "surrogateescape" does, so that any file name survives the way there and back.
std::u32string to_code_points(std::string_view text);

// The inverse. Throws Error for code points that no text has.
std::string from_code_points(std::span<const char32_t> points);

}  // namespace mudra::data
