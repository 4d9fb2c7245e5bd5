#include "mudra/device/normalization.hpp"

namespace mudra::device {
namespace {

// Whether `text` goes on with `mark`, which is taken.
bool take_mark(std::string_view& text, char mark) {
  if (text.empty() || text[0] != mark) return false;
  text.remove_prefix(1);
  return true;
}

// The digit that `text` goes on with, which is taken; -1: none.
int take_digit(std::string_view& text) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return -1;
  const int digit = text[0] - '0';
  text.remove_prefix(1);
  return digit;
}

// "-0.485", which is taken, in units of 1 / kUnit.
bool take_decimal(std::string_view& text, std::int64_t& value) {
  constexpr std::int64_t kUnit = Normalization::kUnit, kTooMuch = 100 * kUnit;
  const bool negative = take_mark(text, '-');
  bool any = false;
  value = 0;
  for (int digit = take_digit(text); digit >= 0; digit = take_digit(text)) {
    any = true;
    value = 10 * value + digit * kUnit;
    if (value >= kTooMuch) return false;
  }
  if (take_mark(text, '.')) {
    std::int64_t unit = kUnit;  // of the last digit
    for (int digit = take_digit(text); digit >= 0; digit = take_digit(text)) {
      any = true;
      if (unit == 1 && digit >= 5) ++value;  // the first digit that is rounded away
      unit /= 10;
      value += digit * unit;
    }
  }
  if (negative) value = -value;
  return any;
}

// One number for all channels, or three.
bool take_channels(std::string_view& text, std::int64_t (&values)[3], std::int64_t least, std::int64_t most) {
  int count = 0;
  do {
    if (count == 3 || !take_decimal(text, values[count]) || values[count] < least || values[count] > most)
      return false;
    ++count;
  } while (take_mark(text, ','));
  if (count == 1) values[1] = values[2] = values[0];
  return count != 2;
}

bool are_equal(const std::int64_t (&values)[3]) { return values[0] == values[1] && values[1] == values[2]; }

}  // namespace

bool read_normalization(std::string_view text, Normalization& normalization) {
  Normalization read;
  if (!take_channels(text, read.mean, -Normalization::kMostMean, Normalization::kMostMean) ||
      !take_mark(text, '/') ||
      !take_channels(text, read.deviation, Normalization::kLeastDeviation, Normalization::kMostDeviation) ||
      !text.empty())
    return false;
  read.channels = are_equal(read.mean) && are_equal(read.deviation) ? 1 : 3;
  normalization = read;
  return true;
}

}  // namespace mudra::device
