#include "mudra/device/replies.hpp"

namespace mudra::device::reply {

// Digits, a point, two digits.
bool parse_hundredths(std::string_view text, std::int32_t& value) {
  constexpr std::size_t kPointAndDigits = 3;
  if (text.size() <= kPointAndDigits || text[text.size() - kPointAndDigits] != '.') return false;
  const bool negative = text[0] == '-';
  std::int64_t whole = 0, rest = 0;
  const char* const point = text.data() + (text.size() - kPointAndDigits);
  if (!parse_integer({text.data(), text.size() - kPointAndDigits}, whole) ||
      !parse_integer({point + 1, kPointAndDigits - 1}, rest) || rest < 0)
    return false;
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max() / 100 - 1;
  if (whole > kMost || whole < -kMost) return false;
  value = static_cast<std::int32_t>(100 * whole + (negative ? -rest : rest));
  return true;
}

}  // namespace mudra::device::reply
