#include "mudra/base/threads.hpp"

#include <omp.h>

#include <algorithm>

#include "mudra/base/error.hpp"

namespace mudra {

void set_threads(int count) {
  constexpr int kMost = 1024, kMostByDefault = 64;
  if (count < 0 || count > kMost) fail("{} threads: give 0 (all cores) to {}", count, kMost);
  omp_set_dynamic(0);
  omp_set_num_threads(count > 0 ? count : std::min(omp_get_num_procs(), kMostByDefault));
}

int thread_count() { return omp_get_max_threads(); }

}  // namespace mudra
