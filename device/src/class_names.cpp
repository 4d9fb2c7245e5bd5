#include "mudra/device/class_names.hpp"

namespace mudra::device {
namespace {

void skip_spaces(std::string_view& json) {
  while (!json.empty() && (json[0] == ' ' || json[0] == '\n' || json[0] == '\r' || json[0] == '\t'))
    json.remove_prefix(1);
}

// Whether `json` goes on with `mark`, which is taken.
bool take(std::string_view& json, char mark) {
  skip_spaces(json);
  if (json.empty() || json[0] != mark) return false;
  json.remove_prefix(1);
  return true;
}

// What the letter behind a backslash stands for; 0: none of those that stand for one letter.
char unescaped(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
      return ' ';
    default:
      return 0;
  }
}

}  // namespace

bool ClassNames::read(std::string_view json, int count) {
  used_ = 0;
  count_ = 0;
  if (take_names(json, count)) return true;
  used_ = 0;
  for (count_ = 0; count_ < count; ++count_) {
    if (count_ >= 10) put(static_cast<char>('0' + count_ / 10));
    put(static_cast<char>('0' + count_ % 10));
    end_[count_] = static_cast<std::uint16_t>(used_);
  }
  return false;
}

bool ClassNames::take_names(std::string_view json, int count) {
  if (!take(json, '[')) return false;
  while (count_ < count) {
    if (count_ > 0 && !take(json, ',')) return false;
    if (!take(json, '"') || !take_text(json)) return false;
    end_[count_++] = static_cast<std::uint16_t>(used_);
  }
  if (!take(json, ']')) return false;
  skip_spaces(json);
  return json.empty();
}

// The rest of a text whose first quote was taken, and its last.
bool ClassNames::take_text(std::string_view& json) {
  while (!json.empty()) {
    char letter = json[0];
    json.remove_prefix(1);
    if (letter == '"') return true;
    if (letter == '\\') {
      if (json.empty()) return false;
      const bool number = json[0] == 'u';
      letter = number ? '?' : unescaped(json[0]);
      const std::size_t taken = number ? sizeof("u0000") - 1 : 1;
      if (letter == 0 || json.size() < taken) return false;
      json.remove_prefix(taken);
    }
    if (!put(letter)) return false;
  }
  return false;
}

bool ClassNames::put(char letter) {
  if (used_ == kMaxBytes) return false;
  letters_[used_++] = letter;
  return true;
}

int ClassNames::none() const {
  for (int i = 0; i < count_; ++i)
    if ((*this)[i] == kNoneName) return i;
  return kNoClass;
}

std::string_view ClassNames::operator[](int i) const {
  if (i < 0 || i >= count_) return kNoneName;
  const std::size_t begin = i == 0 ? 0 : end_[i - 1];
  return {letters_ + begin, end_[i] - begin};
}

}  // namespace mudra::device
