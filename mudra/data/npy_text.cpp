#include "mudra/data/npy_text.hpp"

#include "mudra/base/error.hpp"

namespace mudra::data {
namespace {

constexpr char32_t kEscape = 0xDC00;  // plus a byte of 0x80 and above
constexpr char32_t kFirstSurrogate = 0xD800, kLastSurrogate = 0xDFFF, kLastPoint = 0x10FFFF;

// Bytes of the valid sequence `text` begins with and its code point; 0 bytes when there is none.
struct Sequence {
  std::size_t bytes;
  char32_t point;
};

Sequence first_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  constexpr char32_t kLeast[5] = {0, 0, 0x80, 0x800, 0x10000};  // less would be an overlong form
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {0, 0};
  char32_t point = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    point = point << 6 | (byte(i) & 0x3F);
  }
  const bool valid =
      point >= kLeast[length] && point <= kLastPoint && (point < kFirstSurrogate || point > kLastSurrogate);
  return valid ? Sequence{length, point} : Sequence{0, 0};
}

void append_utf8(std::string& text, char32_t point) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::u32string to_code_points(std::string_view text) {
  std::u32string points;
  while (!text.empty()) {
    const Sequence sequence = first_sequence(text);
    points += sequence.bytes > 0 ? sequence.point : kEscape + static_cast<unsigned char>(text[0]);
    text.remove_prefix(sequence.bytes > 0 ? sequence.bytes : 1);
  }
  return points;
}

std::string from_code_points(std::span<const char32_t> points) {
  std::string text;
  for (const char32_t point : points) {
    if (point >= kEscape + 0x80 && point <= kEscape + 0xFF)
      text += static_cast<char>(point - kEscape);
    else if (point > kLastPoint || (point >= kFirstSurrogate && point <= kLastSurrogate))
      fail("U+{:X} is no character", static_cast<std::uint32_t>(point));
    else
      append_utf8(text, point);
  }
  return text;
}

}  // namespace mudra::data
