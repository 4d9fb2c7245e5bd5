// Every recipe on random networks of every operation: the function stays where it must, the integers are ones
// the chip computes, and the report has something to say of each layer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mudra/graph/operations.hpp"
#include "mudra/quant/analysis.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/equalize.hpp"
#include "mudra/quant/fit_ranges.hpp"
#include "mudra/quant/mixed.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/quantize.hpp"
#include "tests/graph/random_graphs.hpp"
#include "tests/quant/small_case.hpp"
#include "tests/refusal.hpp"

namespace mudra::quant {
namespace {

constexpr std::size_t kPictures = 6;

struct RandomCase {
  graph::Graph network;  // lowered; without nodes if that is refused
  std::vector<float> pixels;

  explicit RandomCase(std::uint64_t seed) {
    if (!refusal([&] { network = lowered(graph::random_graph(seed)); }).empty()) network = {};
    if (network.nodes.empty()) return;
    const auto size = graph::element_count(network.tensor(network.input).shape);
    pixels = graph::random_values(static_cast<std::int64_t>(kPictures) * size, -1, 1, seed);
  }
  Pictures pictures() const { return {{}, pixels.size() / kPictures, pixels}; }
  bool has_weights() const { return std::ranges::any_of(network.nodes, graph::has_weights); }
};

void expect_same_outputs(const graph::Graph& a, const graph::Graph& b, const Pictures& pictures) {
  const auto expected = float_outputs(a, pictures), found = float_outputs(b, pictures);
  ASSERT_EQ(expected.size(), found.size());
  float largest = 1;
  for (const float value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_NEAR(found[i], expected[i], 2e-3f * largest);
}

TEST(RandomRecipes, change_scales_and_not_the_function) {
  std::size_t pairs = 0, grown_networks = 0, fitted_tensors = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase made(seed);
    if (made.network.nodes.empty()) continue;
    for (const int level : {1, 2, 3}) {
      const Equalized result = equalized(made.network, {.iterations = 3, .threshold = 0, .level = level});
      pairs += result.pairs.size();
      expect_same_outputs(made.network, result.network, made.pictures());
    }
    const graph::Graph grown = grown_below_clips(made.network, made.pictures());
    grown_networks += grown == made.network ? 0 : 1;
    expect_same_outputs(made.network, grown, made.pictures());
    const FittedNetwork fitted = with_fitted_ranges(made.network, made.pictures());
    fitted_tensors += fitted.network == made.network ? 0 : 1;
    expect_same_outputs(made.network, fitted.network, made.pictures());
  }
  EXPECT_GT(pairs, 100u);
  EXPECT_GT(grown_networks, 10u);
  EXPECT_GT(fitted_tensors, 50u);
}

TEST(RandomRecipes, give_integers_that_the_chip_computes) {
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase made(seed);
    if (made.network.nodes.empty() || !made.has_weights()) continue;
    const IntegerRun run = simulated();
    const auto expected = float_outputs(made.network, made.pictures());
    const auto look_at = [&](const Quantized& quantized) {
      const auto outputs = run(quantized.integer, made.pictures());
      ASSERT_EQ(outputs.size(), expected.size());
      const Analysis analysis = analyze(made.network, quantized.integer, made.pictures());
      EXPECT_FALSE(analysis.layers.empty());
      for (const auto& layer : analysis.layers) EXPECT_TRUE(std::isfinite(layer.graphwise)) << layer.node;
      ++looked_at;
    };
    for (const Calibration calibration : {Calibration::kKl, Calibration::kPercentile, Calibration::kSearch})
      look_at(quantize(made.network, node_bits(made.network, {}), made.pictures(), calibration, run));
    look_at(quantize_mixed(made.network, made.pictures(), Calibration::kMinmax, budget_named("macs=50%"), run)
                .quantized);
    look_at(quantize_best(made.network, made.pictures(), run));
  }
  EXPECT_GT(looked_at, 300u);
}

}  // namespace
}  // namespace mudra::quant
