#include "mudra/base/parallel.hpp"

#include <omp.h>

#include <atomic>
#include <exception>

#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"

namespace mudra {

void for_each_parallel(const std::string& label, std::size_t count,
                       const std::function<void(std::size_t)>& work) {
  Progress progress(label, count);
  std::size_t shown = 0;  // thread 0's
  std::atomic<std::size_t> done = 0;
  std::atomic<bool> failed = false;
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic, 4)
  for (std::size_t i = 0; i < count; ++i) {
    if (failed || interrupted()) continue;
    try {
      work(i);
    } catch (...) {
#pragma omp critical
      failure = std::current_exception();
      failed = true;
    }
    const std::size_t now = ++done;
    if (omp_get_thread_num() == 0) {
      progress.advance(now - shown);
      shown = now;
    }
  }
  if (failure) std::rethrow_exception(failure);
  stop_if_interrupted();
}

}  // namespace mudra
