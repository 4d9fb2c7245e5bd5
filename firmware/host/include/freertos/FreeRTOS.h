// Stands in for ESP-IDF's header of this name; a tick is a millisecond.
#pragma once

#include <cstdint>

using TickType_t = std::uint32_t;
using BaseType_t = int;
using UBaseType_t = unsigned;

inline constexpr BaseType_t pdFALSE = 0, pdTRUE = 1, pdFAIL = 0, pdPASS = 1;
inline constexpr TickType_t portMAX_DELAY = 0xFFFFFFFF;  // for ever

constexpr TickType_t pdMS_TO_TICKS(int ms) { return static_cast<TickType_t>(ms); }
