// Loops of independent items on all threads, the one place where threads are made: exceptions come out, the
// same ones for any number of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>

namespace mudra {

enum class Schedule {
  kStatic,   // a fixed, equal part of the items for each thread
  kDynamic,  // the next item for whichever thread is free
};

// As for_each_parallel below, for one kind of `work`.
void run_parallel(Schedule schedule, std::size_t count, const void* work,
                  void (*call)(const void* work, std::size_t item, int thread));

// Calls work(i), or work(i, thread) with a number below thread_count(), once for each i below `count`. For
// inner loops: nothing is allocated, printed or asked. When some throw, what the lowest of them threw comes
// out here, and items above it may never have been begun.
template <typename Work>
void for_each_parallel(Schedule schedule, std::size_t count, const Work& work) {
  run_parallel(schedule, count, &work, [](const void* same, std::size_t item, [[maybe_unused]] int thread) {
    const Work& known = *static_cast<const Work*>(same);
    if constexpr (std::is_invocable_v<const Work&, std::size_t, int>)
      known(item, thread);
    else
      known(item);
  });
}

// Long work, with a progress line called `label`; Ctrl-C comes out as Error{kInterrupted}.
void for_each_parallel(const std::string& label, std::size_t count,
                       const std::function<void(std::size_t)>& work);

}  // namespace mudra
