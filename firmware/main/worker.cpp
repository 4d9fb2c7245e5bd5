#include "worker.hpp"

#include "esp_timer.h"
#include "idle.hpp"
#include "sdkconfig.h"

namespace mudra::firmware {
namespace {

// A task that is always asked for more lets its core's idle task run so often.
constexpr std::int64_t kIdleUs = 500'000;

}  // namespace

bool Worker::start() {
#if CONFIG_FREERTOS_UNICORE
  core_ = 0;
#endif
  begun_ = xQueueCreate(1, sizeof(Job));
  done_ = xQueueCreate(1, sizeof(Job));
  if (begun_ == nullptr || done_ == nullptr) return false;
  TaskHandle_t task = nullptr;
  if (xTaskCreatePinnedToCore(serve, name_, stack_bytes_, this, kPriority, &task, core_) != pdPASS)
    return false;
  task_ = task;
  return true;
}

Worker::~Worker() {
  if (!is_started()) return;
  finish();
  hand_over({});
  finish();
}

void Worker::finish() {
  while (!wait(kTurnMs)) {
  }
}

void Worker::hand_over(const Job& job) {
  if (!is_started()) {
    job.function(job.of);
    return let_idle_task_run();
  }
  busy_ = true;
  static_cast<void>(xQueueSend(begun_, &job, portMAX_DELAY));  // has room: what was begun before is done
}

bool Worker::wait(int ms) {
  Job job;
  if (busy_ && xQueueReceive(done_, &job, pdMS_TO_TICKS(ms)) == pdTRUE) busy_ = false;
  return !busy_;
}

void Worker::serve(void* worker) {
  const Worker& self = *static_cast<Worker*>(worker);
  const QueueHandle_t done = self.done_;
  std::int64_t idle_us = esp_timer_get_time();
  for (Job job{};;) {
    static_cast<void>(xQueueReceive(self.begun_, &job, portMAX_DELAY));
    if (job.function != nullptr) job.function(job.of);
    static_cast<void>(xQueueSend(done, &job, portMAX_DELAY));
    if (job.function == nullptr) break;
    const std::int64_t now = esp_timer_get_time();
    if (now - idle_us < kIdleUs) continue;
    let_idle_task_run();
    idle_us = now;
  }
  vTaskDelete(nullptr);
}

}  // namespace mudra::firmware
