// From the pictures to on_gesture(): a queue with a limit between two tasks, so that what a user's code does
// never holds up an inference.
#pragma once

#include <cstdint>
#include <string_view>

#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "memory.hpp"

namespace mudra::firmware {

class GestureEvents {
 public:
  static constexpr int kMostWaiting = 8;

  // Once: the queue. False: no memory for it, and nothing will happen.
  bool open();
  // Once, after open(): the task in which on_gesture() runs, for ever. False: no memory for it.
  bool start();
  bool is_started() const { return task_ != nullptr; }
  device::StackState measure_stack() const;

  // Each picture of a stream: the class it shows (-1: none). Queues it if that is another than the last;
  // never waits, and counts what finds the queue full.
  void shown(int index, std::string_view name);
  std::uint32_t dropped() const { return dropped_; }

  // What that task does over and over: waits up to `ticks` for a gesture and calls on_gesture(). False: none
  // came.
  bool handle_next(TickType_t ticks);

 private:
  static constexpr int kNone = -1;
  // A copy, since another model may come meanwhile.
  struct Item {
    std::int32_t index;
    char name[60];  // cut off, and ends with 0
  };

  QueueHandle_t queue_ = nullptr;
  TaskHandle_t task_ = nullptr;
  int shown_ = kNone;
  std::uint32_t dropped_ = 0;
};

}  // namespace mudra::firmware
