#include "mudra/deploy/chip.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "mudra/base/error.hpp"

namespace mudra::deploy {
namespace {

constexpr std::uint32_t kMegabyte = 1u << 20;
constexpr std::array kBoards{
    BoardKind{.name = "generic",
              .description = "any ESP32-S3 with 8 MB of flash, with or without PSRAM",
              .flash_bytes = 8 * kMegabyte},
    BoardKind{.name = "devkitc",
              .description = "ESP32-S3-DevKitC-1 N8R8: 8 MB of flash, 8 MB of octal PSRAM",
              .flash_bytes = 8 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .port_note = "the socket \"UART\""},
    BoardKind{.name = "eye",
              .description = "ESP32-S3-EYE: 8 MB of flash, 8 MB of octal PSRAM, camera",
              .flash_bytes = 8 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .has_camera = true,
              .flash_port = "/dev/ttyACM0",  // the chip's own USB
              .port_note = "an adapter on GPIO43 and 44, see docs/firmware.md"},
};
constexpr std::array kEngines{EngineChoice::kMudra, EngineChoice::kEspDl, EngineChoice::kBoth};
constexpr std::array<std::uint32_t, 6> kFlashMegabytes{2, 4, 8, 16, 32, 64};

}  // namespace

std::span<const BoardKind> board_kinds() { return kBoards; }

const BoardKind& board_named(std::string_view name) {
  const auto found = std::ranges::find(kBoards, name, &BoardKind::name);
  if (found != kBoards.end()) return *found;
  std::vector<std::string_view> names;
  for (const BoardKind& board : kBoards) names.push_back(board.name);
  fail("there is no board '{}', only {}", name, fmt::join(names, ", "));
}

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
  return megabytes * kMegabyte;
}

}  // namespace mudra::deploy
