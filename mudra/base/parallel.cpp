#include "mudra/base/parallel.hpp"

#include <omp.h>

#include <atomic>
#include <exception>

#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"

namespace mudra {

void run_parallel(Schedule schedule, std::size_t count, const void* work,
                  void (*call)(const void* work, std::size_t item, int thread)) {
  if (count <= 1 || omp_get_max_threads() == 1) {
    for (std::size_t i = 0; i < count; ++i) call(work, i, 0);
    return;
  }
  std::atomic<std::size_t> lowest_failed = count;
  std::exception_ptr failure;
  const auto guarded = [&](std::size_t i) {
    if (i > lowest_failed.load(std::memory_order_relaxed)) return;
    try {
      call(work, i, omp_get_thread_num());
    } catch (...) {
#pragma omp critical(mudra_failure)
      if (i < lowest_failed) {
        lowest_failed = i;
        failure = std::current_exception();
      }
    }
  };
  omp_set_schedule(schedule == Schedule::kStatic ? omp_sched_static : omp_sched_dynamic, 0);
#pragma omp parallel for schedule(runtime)
  for (std::size_t i = 0; i < count; ++i) guarded(i);
  if (failure) std::rethrow_exception(failure);
}

void for_each_parallel(const std::string& label, std::size_t count,
                       const std::function<void(std::size_t)>& work) {
  Progress progress(label, count);
  std::size_t shown = 0;  // thread 0's
  std::atomic<std::size_t> done = 0;
  for_each_parallel(Schedule::kDynamic, count, [&](std::size_t i, int thread) {
    stop_if_interrupted();
    work(i);
    const std::size_t now = ++done;
    if (thread == 0) {
      progress.advance(now - shown);
      shown = now;
    }
  });
  stop_if_interrupted();
}

}  // namespace mudra
