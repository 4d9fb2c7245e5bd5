// Stands in for ESP-IDF's header of this name.
#pragma once

#include "freertos/FreeRTOS.h"

struct tskTaskControlBlock;
using TaskHandle_t = tskTaskControlBlock*;
inline constexpr BaseType_t tskNO_AFFINITY = 0x7FFFFFFF;

// Blocks the task for so many ticks, in which others run. Here it only counts: tasks.hpp's idle_turns().
void vTaskDelay(TickType_t ticks);

// A thread, on whichever core.
BaseType_t xTaskCreate(void (*function)(void*), const char* name, std::uint32_t stack_bytes, void* argument,
                       UBaseType_t priority, TaskHandle_t* handle);
BaseType_t xTaskCreatePinnedToCore(void (*function)(void*), const char* name, std::uint32_t stack_bytes,
                                   void* argument, UBaseType_t priority, TaskHandle_t* handle,
                                   BaseType_t core);
// Of the task that calls it, as the last it does: then its function returns here.
void vTaskDelete(TaskHandle_t task);

// Bytes of the stack that were never used.
unsigned uxTaskGetStackHighWaterMark(TaskHandle_t task);
