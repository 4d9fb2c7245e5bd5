// Stands in for ESP-IDF's header of this name.
#pragma once

#include <cstdint>

std::uint32_t esp_rom_get_cpu_ticks_per_us();
