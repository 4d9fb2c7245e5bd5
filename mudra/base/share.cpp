#include "mudra/base/share.hpp"

#include <charconv>

#include "mudra/base/error.hpp"

namespace mudra {

double share_named(std::string_view text, int most_percent) {
  if (text == "0") return 0;
  double percent = -1;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, percent);
  if (error != std::errc() || std::string_view(stop, end) != "%" ||
      !(percent >= 0 && percent <= most_percent))
    fail("'{}' is no share: give one from 0% to {}%, such as 80% or 0.5%", text, most_percent);
  return percent / 100;
}

}  // namespace mudra
