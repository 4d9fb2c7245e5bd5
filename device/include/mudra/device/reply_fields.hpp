// How the fields of a reply (replies.hpp) become a line and come out of one.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>

#include "mudra/device/line.hpp"

namespace mudra::device {

// A share of 100 % as people read it: 9804 is said as 98.04.
struct Hundredths {
  std::int32_t value = 0;
};

struct Checksum {
  std::uint32_t value = 0;
};

namespace reply {

struct FieldWriter {
  LineWriter& line;

  void operator()(std::string_view key, std::string_view value) { line.field(key, value); }
  void operator()(std::string_view key, bool value) {
    line.field(key, value ? std::string_view("yes") : std::string_view("no"));
  }
  void operator()(std::string_view key, Hundredths share) { line.hundredths(key, share.value); }
  void operator()(std::string_view key, Checksum checksum) { line.hexadecimal(key, checksum.value); }
  template <std::integral Integer>
  void operator()(std::string_view key, Integer value) {
    line.field(key, std::int64_t{value});
  }
};

bool parse_hundredths(std::string_view text, std::int32_t& value);

struct FieldReader {
  const Line& line;
  bool good = true;

  void operator()(std::string_view key, std::string_view& value) {
    const std::string_view* text = find(key);
    if (text != nullptr) value = *text;
  }
  void operator()(std::string_view key, bool& value) {
    const std::string_view* text = find(key);
    if (text == nullptr) return;
    value = *text == "yes";
    good = good && (value || *text == "no");
  }
  void operator()(std::string_view key, Hundredths& share) {
    const std::string_view* text = find(key);
    good = good && text != nullptr && parse_hundredths(*text, share.value);
  }
  void operator()(std::string_view key, Checksum& checksum) {
    const std::string_view* text = find(key);
    good = good && text != nullptr && parse_hexadecimal(*text, checksum.value);
  }
  template <std::integral Integer>
  void operator()(std::string_view key, Integer& value) {
    const std::string_view* text = find(key);
    std::int64_t wide = 0;
    good = good && text != nullptr && parse_integer(*text, wide) &&
           wide >= std::int64_t{std::numeric_limits<Integer>::min()} &&
           wide <= std::int64_t{std::numeric_limits<Integer>::max()};
    if (good) value = static_cast<Integer>(wide);
  }

 private:
  const std::string_view* find(std::string_view key) {
    const std::string_view* text = line.find(key);
    good = good && text != nullptr;
    return text;
  }
};

}  // namespace reply

template <typename Reply>
LineWriter line_of(const Reply& value) {
  LineWriter line(Reply::kKind);
  Reply::fields(value, reply::FieldWriter{line});
  return line;
}

// Whether the line came undamaged, is of this kind and has every field; others in it are ignored.
template <typename Reply>
bool read(const Line& line, Reply& value) {
  if (!line.checked || line.kind != Reply::kKind) return false;
  reply::FieldReader reader{line};
  Reply::fields(value, reader);
  return reader.good;
}

}  // namespace mudra::device
