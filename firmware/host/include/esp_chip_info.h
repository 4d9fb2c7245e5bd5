// Stands in for ESP-IDF's header of this name.
#pragma once

#include <cstdint>

struct esp_chip_info_t {
  std::uint16_t revision;
  std::uint8_t cores;
};

void esp_chip_info(esp_chip_info_t* info);
