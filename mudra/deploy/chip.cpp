#include "mudra/deploy/chip.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "mudra/base/error.hpp"

namespace mudra::deploy {
namespace {

constexpr std::array kEngines{EngineChoice::kMudra, EngineChoice::kEspDl, EngineChoice::kBoth};
constexpr std::array<std::uint32_t, 6> kFlashMegabytes{2, 4, 8, 16, 32, 64};

}  // namespace

std::string_view name_of(EngineChoice engine) {
  switch (engine) {
    case EngineChoice::kMudra:
      return "mudra";
    case EngineChoice::kEspDl:
      return "esp-dl";
    case EngineChoice::kBoth:
      return "both";
  }
  return "";
}

EngineChoice engine_named(std::string_view name) {
  for (const EngineChoice engine : kEngines)
    if (name == name_of(engine)) return engine;
  fail("there is no engine '{}', only mudra, esp-dl and both", name);
}

std::uint32_t flash_bytes_named(std::string_view size) {
  std::string_view digits = size;
  if (digits.ends_with("MB")) digits.remove_suffix(2);
  if (digits.ends_with("M")) digits.remove_suffix(1);
  std::uint32_t megabytes = 0;
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), megabytes);
  const bool whole = error == std::errc() && rest == digits.data() + digits.size();
  if (!whole || std::ranges::find(kFlashMegabytes, megabytes) == kFlashMegabytes.end())
    fail("'{}' is no size of flash, which has {} MB", size, fmt::join(kFlashMegabytes, ", "));
  return megabytes << 20;
}

}  // namespace mudra::deploy
