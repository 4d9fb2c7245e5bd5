// Tasks of the board that is pretended: threads of this PC, each with a stack whose use is measured.
#pragma once

namespace mudra::firmware::host {

// At the board's start, by the thread that is its first task.
void begin_tasks();

// How often since then a task gave its turn away for a tick at least (vTaskDelay): the idle task could run.
int idle_turns();

// Runs `app` as the task "main" is run.
void run_as_main_task(void (*app)());

}  // namespace mudra::firmware::host
