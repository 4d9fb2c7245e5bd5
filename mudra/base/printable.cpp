#include "mudra/base/printable.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "mudra/base/error.hpp"
#include "mudra/base/output.hpp"

namespace mudra {
namespace {

// The first code point of a text and how many bytes it takes; 0 of them where they are no UTF-8.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;
};

CodePoint first_of(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  std::uint32_t value = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xC0) != 0x80) return {};
    value = value << 6 | (next & 0x3Fu);
  }
  constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes] || value > 0x10FFFF || surrogate) return {};
  return {value, bytes};
}

bool is_control(std::uint32_t c) {
  return c < ' ' || (c >= 0x7F && c < 0xA0) ||                          // C0, delete, C1
         c == 0x2028 || c == 0x2029 ||                                  // ends of lines and paragraphs
         c == 0x061C || c == 0x200E || c == 0x200F ||                   // marks of direction
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x206F);  // embeddings, overrides, isolates
}

std::string cleaned(std::string_view text, bool keep_line_feeds) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    if (c.bytes == 0)
      clean += "\uFFFD";
    else if (is_control(c.value) && !(keep_line_feeds && c.value == '\n'))
      clean += ' ';
    else
      clean += text.substr(0, c.bytes);
    text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return clean;
}

}  // namespace

bool is_printable(std::string_view name) {
  while (!name.empty()) {
    const CodePoint c = first_of(name);
    if (c.bytes > 0 && is_control(c.value)) return false;
    name.remove_prefix(std::max<std::size_t>(c.bytes, 1));
  }
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint c = first_of(text);
    if (c.bytes == 0) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

void check_printable(std::string_view name, const char* role) {
  if (!is_printable(name)) fail("a {} has control characters", role);
}

std::string printable(std::string_view text) { return cleaned(text, false); }
std::string printable_lines(std::string_view text) { return cleaned(text, true); }

}  // namespace mudra
