// How many threads the program's OpenMP loops use.
#pragma once

namespace mudra {

// 0: as many as there are cores the process may use (never more than 64). Throws Error above 1024 or below 0.
void set_threads(int count);
int thread_count();

}  // namespace mudra
