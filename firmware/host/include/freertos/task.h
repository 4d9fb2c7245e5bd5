// Stands in for ESP-IDF's header of this name, for the one task there is.
#pragma once

#include "freertos/FreeRTOS.h"

using TaskHandle_t = void*;

// Blocks the task for so many ticks, in which others run. Here it only counts: simulated_board.hpp's
// idle_turns().
void vTaskDelay(TickType_t ticks);

// A thread, which nothing ends.
BaseType_t xTaskCreate(void (*task)(void*), const char* name, std::uint32_t stack_bytes, void* argument,
                       UBaseType_t priority, TaskHandle_t* handle);

// Bytes of the stack that were never used.
unsigned uxTaskGetStackHighWaterMark(TaskHandle_t task);
