// Networks that want normalized pixels, from real numbers to the engine's integers.
#include <gtest/gtest.h>

#include <cmath>

#include "mudra/format/espdl.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/layers.hpp"
#include "mudra/graph/pixel_values.hpp"
#include "mudra/quant/analysis.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/quantize.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/integer_run.hpp"
#include "tests/quant/small_case.hpp"

namespace mudra::quant {
namespace {

constexpr int kSide = 16;

struct Normalized {
  std::string normalization;
  int channels = 1, pad = 1, bits = 8;
};

graph::Graph network_of(const Normalized& made) {
  graph::Layers layers("net", {kSide, kSide, made.channels});
  const int pad = made.pad;
  layers.conv("first", 12, graph::Window{3, 3, 2, 2, pad, pad, pad, pad});
  layers.add("first.relu", graph::Relu{});
  layers.conv("second", 16, 3);
  layers.add("second.relu", graph::Relu{});
  layers.add("pool", graph::GlobalAveragePool{});
  layers.add("flatten", graph::Flatten{});
  layers.gemm("scores", 5);
  graph::Graph graph = layers.finish();
  std::uint64_t seed = 0;
  for (graph::Tensor& tensor : graph.tensors)
    if (tensor.is_constant())
      tensor.values = graph::random_values(graph::element_count(tensor.shape), -0.5f, 0.5f, ++seed);
  graph::state_normalization(graph.metadata, graph::normalization_named(made.normalization, made.channels));
  return graph;
}

std::vector<std::uint8_t> pixels_for(int channels) {
  constexpr std::size_t kPictures = 40;
  Random random(7);
  std::vector<std::uint8_t> pixels(kPictures * kSide * kSide * static_cast<std::size_t>(channels));
  const std::size_t each = pixels.size() / kPictures;
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(random.below(128) + i / each * 3);
  return pixels;
}

Quantized quantized(const graph::Graph& network, const Normalized& made, const Pictures& pictures) {
  return quantize(network, node_bits(network, {{"*", made.bits}}), pictures, Calibration::kMinmax,
                  sim::integer_run());
}

TEST(PixelNormalization, reaches_the_engine_and_the_simulator_alike) {
  for (const Normalized& made :
       {Normalized{"none"}, Normalized{"0.5/0.5"}, Normalized{"imagenet"}, Normalized{"imagenet", 3},
        Normalized{"imagenet", 3, 1, 16}, Normalized{"0.5/0.25", 3}, Normalized{"0/0.003921569", 1},
        Normalized{"0,0.3,1/0.1,0.5,2", 3}}) {
    SCOPED_TRACE(made.normalization);
    const graph::Graph network = lowered(network_of(made));
    const auto pixels = pixels_for(made.channels);
    const Pictures pictures{pixels, static_cast<std::size_t>(kSide * kSide * made.channels)};
    const graph::Graph integer = quantized(network, made, pictures).integer;
    EXPECT_EQ(normalization_of(integer), normalization_of(network));
    EXPECT_EQ(sim::test_vectors(integer, pictures, 8).tests.size(), 8u);  // throws where they differ

    const auto outputs = sim::integer_run()(integer, pictures);
    EXPECT_LT(compare(float_outputs(network, pictures), outputs, 5).noise, 0.01);
    const sim::Simulator simulator(integer);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto values = simulator.run(sim::picture_input(integer, pictures.part(i, 1).pixels));
      std::visit(
          [&](const auto& integers) {
            for (std::size_t c = 0; c < 5; ++c)
              ASSERT_EQ(outputs[i * 5 + c], std::ldexp(static_cast<float>(integers[c]),
                                                       *integer.tensor(integer.output).exponent));
          },
          values[static_cast<std::size_t>(integer.output)]);
    }
  }
}

TEST(PixelNormalization, is_gone_from_a_network_whose_first_layer_took_it_in) {
  for (const Normalized& made :
       {Normalized{"0.5/0.5", 1, 0}, Normalized{"imagenet", 3, 0}, Normalized{"imagenet", 3, 0, 16}}) {
    SCOPED_TRACE(made.normalization);
    const graph::Graph network = lowered(network_of(made)), folded = fold_pixel_normalization(network);
    const auto pixels = pixels_for(made.channels);
    const Pictures pictures{pixels, static_cast<std::size_t>(kSide * kSide * made.channels)};
    EXPECT_LT(compare(float_outputs(network, pictures), float_outputs(folded, pictures), 5).noise, 1e-9);
    const graph::Graph integer = quantized(folded, made, pictures).integer;
    EXPECT_EQ(normalization_of(integer), graph::Normalization{});
    EXPECT_LT(compare(float_outputs(network, pictures), sim::integer_run()(integer, pictures), 5).noise,
              0.01);
  }
}

}  // namespace
}  // namespace mudra::quant
