// Stands in for ESP-IDF's header of this name.
#pragma once

#include <cstdint>

enum esp_chip_model_t { CHIP_ESP32S3 = 9, CHIP_POSIX_LINUX = 999 };

struct esp_chip_info_t {
  esp_chip_model_t model;
  std::uint16_t revision;
  std::uint8_t cores;
};

void esp_chip_info(esp_chip_info_t* info);
