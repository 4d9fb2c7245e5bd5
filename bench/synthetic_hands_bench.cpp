// How many rendered pictures a CPU-second gives, one thread, a fresh person for each picture as in training.
#include <benchmark/benchmark.h>

#include <array>

#include "mudra/data/synthetic_hands.hpp"

namespace mudra::data {
namespace {

void render_fresh_people(benchmark::State& state, Lighting light) {
  std::array<std::uint8_t, kImagePixels> image;
  HandId id{.seed = 1};
  for (auto _ : state) {
    render_hand(id, {.light = light}, image);
    benchmark::DoNotOptimize(image.data());
    ++id.person;
    id.gesture = static_cast<int>(id.person % (kGestures + 1));
  }
  state.counters["images_per_cpu_second"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(render_fresh_people, infrared, Lighting::kInfrared)->MinTime(2);
BENCHMARK_CAPTURE(render_fresh_people, visible, Lighting::kVisible)->MinTime(2);
BENCHMARK_CAPTURE(render_fresh_people, both, Lighting::kBoth)->MinTime(2);

}  // namespace
}  // namespace mudra::data

BENCHMARK_MAIN();
