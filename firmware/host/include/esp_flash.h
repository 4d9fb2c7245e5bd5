// Stands in for ESP-IDF's header of this name.
#pragma once

#include <cstdint>

#include "esp_err.h"

struct esp_flash_t;

esp_err_t esp_flash_get_size(esp_flash_t* chip, std::uint32_t* size);
