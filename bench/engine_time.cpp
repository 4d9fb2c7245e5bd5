// engine_time MODEL.espdl PICTURES: the median CPU time of one picture in microseconds, one thread.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/device/host_kernels.hpp"

namespace {

double cpu_microseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace mudra::device;
  if (argc != 3) return 2;
  const auto model = mudra::read_file(argv[1]);
  Engine engine;
  std::vector<std::max_align_t> memory(1 << 16);
  if (engine.prepare(model, std::as_writable_bytes(std::span(memory)), host_kernels()) != Status::kOk) {
    fmt::print(stderr, "engine_time: {}\n", describe(engine.problem().status));
    return 1;
  }
  constexpr int kTogether = 10;  // pictures per reading of the clock
  std::vector<double> times;
  for (int i = 0; i < std::stoi(argv[2]) / kTogether; ++i) {
    const double start = cpu_microseconds();
    for (int k = 0; k < kTogether; ++k) {
      std::memset(engine.input().data(), 5 * i + k, engine.input().size());
      if (engine.run() != Status::kOk) return 1;
    }
    times.push_back((cpu_microseconds() - start) / kTogether);
  }
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  fmt::print("{:.2f} {}\n", times[times.size() / 2], host_kernels_target());
}
