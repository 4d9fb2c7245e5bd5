// Turns for the core's idle task, whose watchdog wants to see it run and else writes into the protocol.
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

namespace mudra::firmware {

// Blocks for the rest of a tick. Wanted between inferences, where nothing else blocks.
inline void let_idle_task_run() { vTaskDelay(1); }

}  // namespace mudra::firmware
