// Tasks and queues on this PC.
#include "tasks.hpp"

#include <alloca.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "esp_heap_caps.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "mudra/device/s3/routine.hpp"
#include "sdkconfig.h"
#include "simulated_board.hpp"

struct tskTaskControlBlock {
  std::uint32_t stack_bytes = 0;
  std::atomic<const volatile std::byte*> stack = nullptr;  // the lowest of so many bytes
};

namespace mudra::firmware::host {
namespace {

constexpr std::byte kUnusedStack{0xA5};

std::atomic<int> turns = 0;
thread_local TaskHandle_t current = nullptr;

// What lies below the caller's frame, which has room for more than a chip's stack.
__attribute__((noinline, no_sanitize("address"))) void paint_stack(tskTaskControlBlock& task) {
  auto* stack = static_cast<volatile std::byte*>(alloca(task.stack_bytes));
  for (std::uint32_t i = 0; i < task.stack_bytes; ++i) stack[i] = kUnusedStack;
  task.stack = stack;
}

template <typename Run>
void run_as(tskTaskControlBlock& task, Run run) {
  current = &task;
  device::s3::execute_with(hardware().vector_unit);
  paint_stack(task);
  run();
}

}  // namespace

void begin_tasks() {
  turns = 0;
  device::s3::execute_with(hardware().vector_unit);
}

int idle_turns() { return turns; }

void run_as_main_task(void (*app)()) {
  tskTaskControlBlock task{.stack_bytes = CONFIG_ESP_MAIN_TASK_STACK_SIZE, .stack = nullptr};
  std::thread([&] { run_as(task, app); }).join();
}

}  // namespace mudra::firmware::host

using mudra::firmware::host::kUnusedStack;
using mudra::firmware::host::turns;

struct QueueDefinition {
  std::size_t length, item_size;
  std::deque<std::vector<std::byte>> items{};
  std::mutex mutex{};
  std::condition_variable changed{};

  // Whether `ready` holds within so many ticks. The lock is held.
  template <typename Ready>
  bool wait(std::unique_lock<std::mutex>& lock, TickType_t ticks, Ready ready) {
    if (ticks != portMAX_DELAY) return changed.wait_for(lock, std::chrono::milliseconds(ticks), ready);
    changed.wait(lock, ready);
    return true;
  }
};

QueueHandle_t xQueueCreate(UBaseType_t length, UBaseType_t item_size) {
  static auto& all = *new std::deque<std::unique_ptr<QueueDefinition>>;
  return all.emplace_back(new QueueDefinition{.length = length, .item_size = item_size}).get();
}

BaseType_t xQueueSend(QueueHandle_t queue, const void* item, TickType_t ticks) {
  std::unique_lock lock(queue->mutex);
  if (!queue->wait(lock, ticks, [&] { return queue->items.size() < queue->length; })) return pdFALSE;
  const auto* bytes = static_cast<const std::byte*>(item);
  queue->items.emplace_back(bytes, bytes + queue->item_size);
  queue->changed.notify_all();
  return pdTRUE;
}

BaseType_t xQueueReceive(QueueHandle_t queue, void* item, TickType_t ticks) {
  std::unique_lock lock(queue->mutex);
  if (!queue->wait(lock, ticks, [&] { return !queue->items.empty(); })) return pdFALSE;
  std::memcpy(item, queue->items.front().data(), queue->item_size);
  queue->items.pop_front();
  queue->changed.notify_all();
  return pdTRUE;
}

// The stack is taken of the board's memory and never given back.
BaseType_t xTaskCreatePinnedToCore(void (*function)(void*), const char*, std::uint32_t stack_bytes,
                                   void* argument, UBaseType_t, TaskHandle_t* handle, BaseType_t) {
  if (heap_caps_aligned_alloc(16, stack_bytes, MALLOC_CAP_INTERNAL) == nullptr) return pdFAIL;
  static auto& all = *new std::deque<std::unique_ptr<tskTaskControlBlock>>;
  TaskHandle_t task =
      all.emplace_back(new tskTaskControlBlock{.stack_bytes = stack_bytes, .stack = nullptr}).get();
  if (handle != nullptr) *handle = task;
  std::thread([=] { mudra::firmware::host::run_as(*task, [&] { function(argument); }); }).detach();
  return pdPASS;
}

BaseType_t xTaskCreate(void (*function)(void*), const char* name, std::uint32_t stack_bytes, void* argument,
                       UBaseType_t priority, TaskHandle_t* handle) {
  return xTaskCreatePinnedToCore(function, name, stack_bytes, argument, priority, handle, tskNO_AFFINITY);
}

void vTaskDelete(TaskHandle_t) {}

__attribute__((no_sanitize("address"))) unsigned uxTaskGetStackHighWaterMark(TaskHandle_t task) {
  if (task == nullptr) task = mudra::firmware::host::current;
  if (task == nullptr) return CONFIG_ESP_MAIN_TASK_STACK_SIZE;
  const volatile std::byte* stack = task->stack;
  unsigned unused = 0;
  while (stack != nullptr && unused < task->stack_bytes && stack[unused] == kUnusedStack) ++unused;
  return unused;
}

void vTaskDelay(TickType_t ticks) { turns += ticks > 0 ? 1 : 0; }
