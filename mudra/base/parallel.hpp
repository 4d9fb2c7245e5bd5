// Long loops of independent items on all threads, with progress, Ctrl-C and exceptions taken care of.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace mudra {

// Calls work(i) once for each i below `count`, in any order and on any thread, with a progress line called
// `label`. When one throws, no further items are begun and the exception comes out here; Ctrl-C comes out as
// Error{kInterrupted}.
void for_each_parallel(const std::string& label, std::size_t count,
                       const std::function<void(std::size_t)>& work);

}  // namespace mudra
