#include "gesture_events.hpp"

#include <algorithm>

#include "on_gesture.hpp"
#include "worker.hpp"

namespace mudra::firmware {
namespace {

constexpr const char* kName = "gestures";
constexpr std::uint32_t kStackBytes = 4096;

[[noreturn]] void run(void* events) {
  begin_gestures();
  for (;;) static_cast<void>(static_cast<GestureEvents*>(events)->handle_next(portMAX_DELAY));
}

}  // namespace

bool GestureEvents::open() {
  queue_ = xQueueCreate(kMostWaiting, sizeof(Item));
  return queue_ != nullptr;
}

bool GestureEvents::start() {
  return queue_ != nullptr && xTaskCreate(run, kName, kStackBytes, this, Worker::kPriority, &task_) == pdPASS;
}

device::StackState GestureEvents::measure_stack() const {
  return firmware::measure_stack(kName, kStackBytes, task_);
}

void GestureEvents::shown(int index, std::string_view name) {
  if (index == shown_ || queue_ == nullptr) return;
  shown_ = index;
  Item item = {.index = index, .name = {}};
  std::copy_n(name.data(), std::min(name.size(), sizeof item.name - 1), item.name);
  if (xQueueSend(queue_, &item, 0) != pdTRUE) ++dropped_;
}

bool GestureEvents::handle_next(TickType_t ticks) {
  Item item;
  if (xQueueReceive(queue_, &item, ticks) != pdTRUE) return false;
  on_gesture({.index = static_cast<int>(item.index), .name = item.name});
  return true;
}

}  // namespace mudra::firmware
