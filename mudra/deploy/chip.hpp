// What an ESP32-S3 and the boards it sits on offer a model.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mudra::deploy {

// Internal RAM in one piece that a model may count on. Of the chip's 512 KB, the caches take 32 KB and 64 KB
// as the firmware sets them; program parts that run from RAM, the system's data and stacks take about 130 KB
// of the rest. An estimate on the safe side: the board measures what it has and refuses with its own figures.
inline constexpr std::uint32_t kInternalBytes = 256u << 10;

struct BoardKind {
  std::string_view name;
  std::string_view description;
  std::uint32_t flash_bytes = 0, psram_bytes = 0;
  bool has_camera = false;
  // As Linux names them first: where it is flashed, and where it speaks.
  std::string_view flash_port = "/dev/ttyUSB0", console_port = "/dev/ttyUSB0";
  std::string_view port_note = "or /dev/ttyACM0: ls /dev/ttyUSB* /dev/ttyACM* shows it";
};

// The first is the default: what it is given fits every other one.
std::span<const BoardKind> board_kinds();

// Throws Error, naming the boards there are.
const BoardKind& board_named(std::string_view name);

enum class EngineChoice { kMudra, kEspDl, kBoth };
std::string_view name_of(EngineChoice engine);  // "mudra", "esp-dl", "both"
// Throws Error for any other name.
EngineChoice engine_named(std::string_view name);

// "4", "8MB", "16M": a size of flash that ESP-IDF knows. Throws Error for any other.
std::uint32_t flash_bytes_named(std::string_view size);

}  // namespace mudra::deploy
