// Tasks and queues on this PC.
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "freertos/queue.h"
#include "freertos/task.h"

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

BaseType_t xTaskCreate(void (*task)(void*), const char*, std::uint32_t, void* argument, UBaseType_t,
                       TaskHandle_t*) {
  std::thread(task, argument).detach();
  return pdPASS;
}
