// Text on its way into HTML and SVG.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mudra {

// With the characters that mean something in markup as entities; control characters become spaces.
std::string escaped(std::string_view text);

// "27,744"
std::string grouped(std::uint64_t number);

// RFC 4648, with padding.
std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace mudra
