// Training and inference of LightGestureNet, whole and kernel by kernel. Counters are per CPU-second of the
// whole process. training.sh compares `step` with PyTorch.
#include <benchmark/benchmark.h>

#include <vector>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/base/random.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/train/adam.hpp"
#include "mudra/train/inference.hpp"
#include "mudra/train/initialise.hpp"
#include "mudra/train/kernels/inverted_residual.hpp"
#include "mudra/train/kernels/pointwise.hpp"
#include "mudra/train/train_step.hpp"

namespace mudra::train {
namespace {

constexpr std::size_t kPixels = 96 * 96;

std::vector<float> random_floats(std::size_t count) {
  Random random(1);
  std::vector<float> values(count);
  for (float& value : values) value = random.uniform();
  return values;
}

void count_images(benchmark::State& state, int batch) {
  state.counters["images"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * batch, benchmark::Counter::kIsRate);
}

// Forward, backward and Adam on one batch.
void step(benchmark::State& state) {
  const auto batch = static_cast<int>(state.range(0));
  set_threads(static_cast<int>(state.range(1)));
  graph::Graph network = graph::light_gesture_net({});
  initialise(network, 1);
  const std::vector<float> images = random_floats(static_cast<std::size_t>(batch) * kPixels);
  std::vector<std::int32_t> labels;
  for (int i = 0; i < batch; ++i) labels.push_back(i % 8);
  TrainStep train_step(network, batch);
  Adam adam(network);
  for (auto _ : state) {
    train_step.forward_backward(images, labels);
    adam.step(network, train_step.gradients(), 1e-3);
  }
  count_images(state, batch);
}
BENCHMARK(step)->ArgNames({"batch", "threads"})->Args({32, 1})->Args({32, 2})->MeasureProcessCPUTime();

void inference(benchmark::State& state) {
  const auto batch = static_cast<int>(state.range(0));
  set_threads(1);
  graph::Graph network = graph::light_gesture_net({});
  initialise(network, 1);
  Inference inference(network, batch);
  const std::vector<float> images = random_floats(static_cast<std::size_t>(batch) * kPixels);
  std::vector<float> logits(static_cast<std::size_t>(batch) * 8);
  for (auto _ : state) inference.run(images, logits);
  count_images(state, batch);
}
BENCHMARK(inference)->ArgName("batch")->Arg(1)->Arg(32)->Unit(benchmark::kMicrosecond);

// The four blocks of LightGestureNet, one image, everything in cache.
constexpr kernels::BlockShape kShapes[] = {
    {48, 2, 16, 96, 24}, {24, 1, 24, 144, 24}, {24, 2, 24, 144, 32}, {12, 1, 32, 192, 32}};

struct Floats {
  AlignedBuffer buffer;
  explicit Floats(int rows, int channels)
      : buffer(static_cast<std::size_t>(rows) * static_cast<std::size_t>(kernels::padded(channels))) {
    Random random(2);
    for (float& value : buffer.span()) value = random.uniform(-0.1f, 0.1f);
  }
  operator float*() { return buffer.data(); }
};

void count_products(benchmark::State& state, double products) {
  state.counters["MAC"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * products, benchmark::Counter::kIsRate);
}

void expand_depthwise(benchmark::State& state) {
  const kernels::BlockShape shape = kShapes[state.range(0)];
  const int hidden = shape.hidden_channels;
  Floats in(shape.pixels(), shape.in_channels), expand(shape.in_channels, hidden), rows(20, hidden),
      out(shape.out_pixels(), kernels::slabs(hidden) * kernels::kSlab),
      scratch(static_cast<int>(kernels::scratch_floats(shape) / kernels::kLanes), kernels::kLanes);
  std::vector<double> sums(static_cast<std::size_t>(hidden)), squares(sums);
  for (auto _ : state)
    kernels::expand_depthwise(shape, {.in = in,
                                      .weights = {expand, rows, rows},
                                      .limit = 6,
                                      .hidden = out,
                                      .sums = sums.data(),
                                      .squares = squares.data(),
                                      .scratch = scratch});
  count_products(state, 1.0 * hidden * (shape.pixels() * shape.in_channels + 9.0 * shape.out_pixels()));
}
BENCHMARK(expand_depthwise)->ArgName("block")->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

void expand_depthwise_backward(benchmark::State& state) {
  const kernels::BlockShape shape = kShapes[state.range(0)];
  const int hidden = shape.hidden_channels;
  Floats in(shape.pixels(), shape.in_channels), expand(shape.in_channels, hidden), rows(20, hidden),
      out_gradient(shape.out_pixels(), shape.out_channels), project(shape.out_channels, hidden),
      map(shape.out_pixels(), kernels::slabs(hidden) * kernels::kSlab), transposed(hidden, shape.in_channels),
      in_gradient(shape.pixels(), shape.in_channels), sums(shape.in_channels + 10, hidden),
      scratch(static_cast<int>(kernels::scratch_floats(shape) / kernels::kLanes), kernels::kLanes);
  const int stride = kernels::padded(hidden);
  for (auto _ : state)
    kernels::expand_depthwise_backward(shape, {.in = in,
                                               .weights = {expand, rows, rows},
                                               .limit = 6,
                                               .out_gradient = out_gradient,
                                               .project_transposed = project,
                                               .hidden = map,
                                               .hidden_normalisation = {rows, rows},
                                               .hidden_gradient = {rows, rows, rows},
                                               .expand_transposed = transposed,
                                               .in_gradient = in_gradient,
                                               .tap_gradients = sums,
                                               .sums = sums + 9 * stride,
                                               .products = sums + 10 * stride,
                                               .scratch = scratch});
  count_products(state, 1.0 * hidden *
                            (3.0 * shape.pixels() * shape.in_channels + 18.0 * shape.out_pixels() +
                             1.0 * shape.out_pixels() * shape.out_channels));
}
BENCHMARK(expand_depthwise_backward)->ArgName("block")->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

void project(benchmark::State& state) {
  const kernels::BlockShape shape = kShapes[state.range(0)];
  const int hidden = shape.hidden_channels, pixels = shape.out_pixels();
  Floats map(pixels, kernels::slabs(hidden) * kernels::kSlab), rows(2, hidden),
      weights(hidden, shape.out_channels), out(pixels, shape.out_channels);
  std::vector<double> sums(static_cast<std::size_t>(kernels::padded(shape.out_channels))), squares(sums);
  for (auto _ : state)
    kernels::project({.hidden = map,
                      .pixels = pixels,
                      .hidden_channels = hidden,
                      .out_channels = shape.out_channels,
                      .normalisation = {rows, rows},
                      .limit = 6,
                      .weights = weights,
                      .out = out,
                      .sums = sums.data(),
                      .squares = squares.data()});
  count_products(state, 1.0 * pixels * hidden * shape.out_channels);
}
BENCHMARK(project)->ArgName("block")->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

void project_backward(benchmark::State& state) {
  const kernels::BlockShape shape = kShapes[state.range(0)];
  const int hidden = shape.hidden_channels, pixels = shape.out_pixels();
  Floats map(pixels, kernels::slabs(hidden) * kernels::kSlab), rows(2, hidden),
      weights(shape.out_channels, hidden), gradients(shape.out_channels, hidden),
      out_gradient(pixels, shape.out_channels);
  for (auto _ : state)
    kernels::project_backward({.hidden = map,
                               .pixels = pixels,
                               .hidden_channels = hidden,
                               .out_channels = shape.out_channels,
                               .normalisation = {rows, rows},
                               .limit = 6,
                               .out_gradient = out_gradient,
                               .weights = weights,
                               .weight_gradients = gradients,
                               .sums = rows,
                               .products = rows});
  count_products(state, 2.0 * pixels * hidden * shape.out_channels);
}
BENCHMARK(project_backward)->ArgName("block")->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

// Sums of products of a block's input with itself.
void add_products(benchmark::State& state) {
  const kernels::BlockShape shape = kShapes[state.range(0)];
  const int channels = shape.in_channels;
  Floats map(shape.pixels(), channels);
  std::vector<double> products(static_cast<std::size_t>(channels * kernels::padded(channels)));
  for (auto _ : state)
    kernels::add_products({.left = map,
                           .right = map,
                           .pixels = shape.pixels(),
                           .left_channels = channels,
                           .right_channels = channels,
                           .products = products.data()});
  count_products(state, 1.0 * shape.pixels() * channels * channels);
}
BENCHMARK(add_products)->ArgName("block")->DenseRange(0, 3)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mudra::train

BENCHMARK_MAIN();
