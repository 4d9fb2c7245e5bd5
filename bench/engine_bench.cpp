// The device engine on the PC: one picture through an .espdl with the portable kernels and with those of
// every instruction set, and the preparation. The model: $MUDRA_BENCH_MODEL, or the published one.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/device/host_kernels.hpp"

namespace {

using namespace mudra::device;

struct alignas(64) Line {
  std::byte bytes[64];
};

std::string model_path() {
  if (const char* path = std::getenv("MUDRA_BENCH_MODEL")) return path;
  const char* shared = std::getenv("MUDRA_SHARED");
  return shared == nullptr ? "" : std::string(shared) + "/data/published/models/gesture_model_int8.espdl";
}

void run_engine(benchmark::State& state, const std::vector<std::uint8_t>& model, const Kernels& kernels) {
  Engine engine;
  if (engine.prepare(model, {}, kernels) != Status::kArenaTooSmall)
    return state.SkipWithError(describe(engine.problem().status));
  std::vector<Line> memory(engine.arena_bytes() / sizeof(Line) + 1);
  if (engine.prepare(model, std::as_writable_bytes(std::span(memory)), kernels) != Status::kOk)
    return state.SkipWithError(describe(engine.problem().status));
  std::vector<std::byte> picture(engine.input().size());
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = static_cast<std::byte>(i * 37 % 128);
  for (auto _ : state) {
    std::memcpy(engine.input().data(), picture.data(), picture.size());
    benchmark::DoNotOptimize(engine.run());
    benchmark::ClobberMemory();
  }
  state.counters["arena_bytes"] = static_cast<double>(engine.arena_bytes());
}

void prepare_engine(benchmark::State& state, const std::vector<std::uint8_t>& model) {
  Engine engine;
  for (auto _ : state) benchmark::DoNotOptimize(engine.prepare(model, {}));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (!std::filesystem::exists(model_path())) {
    std::puts("engine_bench: no model; set MUDRA_BENCH_MODEL or MUDRA_SHARED");
    return 0;
  }
  const auto model = mudra::read_file(model_path());
  for (const HostTarget& target : all_host_kernels())
    benchmark::RegisterBenchmark(("picture/" + std::string(target.name)).c_str(),
                                 [&](benchmark::State& state) { run_engine(state, model, target.kernels); });
  benchmark::RegisterBenchmark("prepare", [&](benchmark::State& state) { prepare_engine(state, model); });
  benchmark::RunSpecifiedBenchmarks();
}
