// CPU time of quantizing with kl on 1,600 rendered pictures, as a multiple of one float run over them:
// measured by turns, on the best instruction set of this processor and on AVX2, on one thread, so that no
// waiting counts.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "mudra/base/threads.hpp"
#include "mudra/data/synthetic_hands.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/quantize.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/instruction_sets.hpp"

namespace mudra::quant {
namespace {

constexpr std::size_t kPictures = 1600;
constexpr int kTurns = 3;

template <typename Work>
double cpu_seconds(Work work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

void measure() {
  const graph::Graph network = lowered(graph::random_net(graph::full_size()));
  std::vector<std::uint8_t> pixels(kPictures * data::kImagePixels);
  for (std::size_t i = 0; i < kPictures; ++i)
    data::render_hand({.seed = 1, .person = i, .gesture = static_cast<int>(i % data::kGestures)}, {},
                      std::span(pixels).subspan(i * data::kImagePixels).first<data::kImagePixels>());
  const Pictures pictures{pixels, data::kImagePixels};
  bool best = true;
  for (const InstructionSet& set : instruction_sets()) {
    if (!best && set.target != HWY_AVX2) continue;
    best = false;
    const UseInstructionSet use(set);
    double run = std::numeric_limits<double>::infinity(), quantizing = run;
    for (int turn = 0; turn < kTurns; ++turn) {
      run = std::min(run, cpu_seconds([&] { float_outputs(network, pictures); }));
      quantizing =
          std::min(quantizing, cpu_seconds([&] {
                     quantize(network, NodeBits(network.nodes.size(), 8), pictures, Calibration::kKl, {});
                   }));
    }
    fmt::print("{}: float run {:.2f} CPU-seconds, int8 kl {:.2f}: {:.2f} times as much\n", set.name, run,
               quantizing, quantizing / run);
  }
}

}  // namespace
}  // namespace mudra::quant

int main() {
  mudra::set_threads(1);
  mudra::quant::measure();
}
