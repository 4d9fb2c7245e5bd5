// Stands in for ESP-IDF's header of this name.
#pragma once

#include "freertos/FreeRTOS.h"

struct QueueDefinition;
using QueueHandle_t = QueueDefinition*;

// Never deleted, as tasks may wait for it.
QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t item_size);
BaseType_t xQueueSend(QueueHandle_t queue, const void* item, TickType_t ticks);
BaseType_t xQueueReceive(QueueHandle_t queue, void* item, TickType_t ticks);
