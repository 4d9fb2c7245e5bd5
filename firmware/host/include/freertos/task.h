// Stands in for ESP-IDF's header of this name, for the one task there is.
#pragma once

using TaskHandle_t = void*;

// Bytes of the stack that were never used.
unsigned uxTaskGetStackHighWaterMark(TaskHandle_t task);
