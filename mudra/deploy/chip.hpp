// What an ESP32-S3 offers a model, and by which engine.
#pragma once

#include <cstdint>
#include <string_view>

namespace mudra::deploy {

// Internal RAM in one piece that a model may count on. Of the chip's 512 KB, the caches take 32 KB and 64 KB
// as the firmware sets them; program parts that run from RAM, the system's data and stacks take about 140 KB
// of the rest. An estimate on the safe side: the board measures what it has and refuses with its own figures.
inline constexpr std::uint32_t kInternalBytes = 256u << 10;

enum class EngineChoice { kMudra, kEspDl, kBoth };
std::string_view name_of(EngineChoice engine);  // "mudra", "esp-dl", "both"
// Throws Error for any other name.
EngineChoice engine_named(std::string_view name);

// "4", "8MB", "16M": a size of flash that ESP-IDF knows. Throws Error for any other.
std::uint32_t flash_bytes_named(std::string_view size);

}  // namespace mudra::deploy
