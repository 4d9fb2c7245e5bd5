#include "mudra/base/printable.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

bool is_control(unsigned char c) { return c < ' ' || c == 127; }

}  // namespace

bool is_printable(std::string_view name) { return std::ranges::none_of(name, is_control); }

void check_printable(std::string_view name, const char* role) {
  if (!is_printable(name)) fail("a {} has control characters", role);
}

std::string printable(std::string text) {
  std::ranges::replace_if(text, is_control, ' ');
  return text;
}

}  // namespace mudra
