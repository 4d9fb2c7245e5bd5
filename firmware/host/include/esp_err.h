// Stands in for ESP-IDF's header of this name.
#pragma once

using esp_err_t = int;

inline constexpr esp_err_t ESP_OK = 0, ESP_FAIL = -1, ESP_ERR_NO_MEM = 0x101;

const char* esp_err_to_name(esp_err_t error);
