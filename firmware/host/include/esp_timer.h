// Stands in for ESP-IDF's header of this name.
#pragma once

#include <cstdint>

std::int64_t esp_timer_get_time();  // microseconds
