#include "mudra/base/markup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/printable.hpp"

namespace mudra {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(std::string(text))) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

std::string grouped(std::uint64_t number) {
  constexpr std::uint64_t kGroup = 1000;
  if (number < kGroup) return fmt::to_string(number);
  return fmt::format("{},{:03}", grouped(number / kGroup), number % kGroup);
}

std::string base64(std::span<const std::uint8_t> bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t given = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < given ? bytes[i + k] : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= given ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace mudra
