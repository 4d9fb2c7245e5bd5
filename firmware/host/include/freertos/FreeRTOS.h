// Stands in for ESP-IDF's header of this name; a tick is a millisecond.
#pragma once

#include <cstdint>

using TickType_t = std::uint32_t;

constexpr TickType_t pdMS_TO_TICKS(int ms) { return static_cast<TickType_t>(ms); }
