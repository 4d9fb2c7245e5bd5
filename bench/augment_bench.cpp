// Augmented pictures per second of one CPU; training on one machine must not wait for them.
#include <benchmark/benchmark.h>

#include <array>

#include "mudra/data/augment.hpp"

namespace {

void augment(benchmark::State& state, const char* preset) {
  const auto augmentation = mudra::data::augmentation_preset(preset);
  std::array<std::uint8_t, mudra::data::kImagePixels> in, out;
  mudra::Random random(1);
  for (auto& pixel : in) pixel = static_cast<std::uint8_t>(random.below(256));
  std::uint64_t picture = 0;
  for (auto _ : state) {
    mudra::data::augment(augmentation, in, mudra::Random(2, picture++), out);
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(augment, mild, "mild");
BENCHMARK_CAPTURE(augment, seed, "seed");

}  // namespace

BENCHMARK_MAIN();
