// A task that does one thing at a time, when it is asked to: whoever asks can do something else meanwhile.
#pragma once

#include <cstdint>

#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "memory.hpp"

namespace mudra::firmware {

class Worker {
 public:
  // How long wait() is asked to take by those who listen meanwhile: a tick.
  static constexpr int kTurnMs = 10;
  static constexpr UBaseType_t kPriority = 1;  // of the main task: neither starves the other

  // `name` lives as long as the worker. `core`: 0 or 1, taken as 0 of a chip that runs one.
  Worker(const char* name, std::uint32_t stack_bytes, int core)
      : name_(name), stack_bytes_(stack_bytes), core_(core) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // After what was begun.
  ~Worker();

  // Once. False: no memory for the task; then begin() does at once what it is given, where it was called.
  bool start();

  // Precondition: what was begun before is done. `work()` is called once; `work` lives until it is done.
  template <typename Work>
  void begin(Work& work) {
    hand_over({.function = [](void* of) { (*static_cast<Work*>(of))(); }, .of = &work});
  }

  // Whether all that was begun is done, waiting up to `ms` for it.
  bool wait(int ms);

  // Waits for as long as it takes.
  void finish();
  template <typename Work>
  void run(Work&& work) {
    begin(work);
    finish();
  }

  bool is_started() const { return task_ != nullptr; }
  device::StackState measure_stack() const { return firmware::measure_stack(name_, stack_bytes_, task_); }

 private:
  // Without a function: the end of the task.
  struct Job {
    void (*function)(void*);
    void* of;
  };

  void hand_over(const Job& job);
  static void serve(void* worker);

  const char* name_;
  std::uint32_t stack_bytes_;
  int core_;
  TaskHandle_t task_ = nullptr;
  QueueHandle_t begun_ = nullptr, done_ = nullptr;  // of one Job, until it is taken and when it is done
  bool busy_ = false;                               // as far as the asking task knows
};

}  // namespace mudra::firmware
