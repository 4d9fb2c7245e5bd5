// CPU time per image of the fast float run, of its fused and its unfused form, at batch 1 on one thread.
// "--write-onnx NET.onnx TINY.onnx" writes the network, and one of a few multiply-adds, for other runtimes
// instead.
#include <benchmark/benchmark.h>

#include "mudra/base/files.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "tests/graph/small_nets.hpp"

namespace mudra::graph {
namespace {

void run(benchmark::State& state, const Graph& graph, const std::vector<TensorIndex>& keep) {
  FloatRunner runner(graph, {.max_batch = 1, .keep = keep});
  const std::vector<float> image = random_values(static_cast<std::int64_t>(runner.input_size()), 0, 1, 1);
  std::vector<float> output(runner.output_size());
  for (auto _ : state) {
    runner.run(image, output);
    benchmark::DoNotOptimize(output.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void light_gesture_net_fused(benchmark::State& state) {
  run(state, fold_batch_normalization(random_net(full_size())), {});
}
BENCHMARK(light_gesture_net_fused)->Unit(benchmark::kMicrosecond);

void light_gesture_net_keeping_every_tensor(benchmark::State& state) {
  const Graph graph = fold_batch_normalization(random_net(full_size()));
  std::vector<TensorIndex> keep;
  for (const Node& node : graph.nodes) keep.push_back(node.output);
  run(state, graph, keep);
}
BENCHMARK(light_gesture_net_keeping_every_tensor)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mudra::graph

int main(int argc, char** argv) {
  using namespace mudra;
  if (argc == 4 && std::string_view(argv[1]) == "--write-onnx") {
    const graph::Graph net = graph::random_net(graph::full_size());
    write_file(argv[2], format::write_onnx(fold_batch_normalization(net)));
    write_file(argv[3], format::write_onnx(graph::tiny_net()));
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
