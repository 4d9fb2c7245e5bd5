#include "mudra/quant/analysis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "mudra/base/files.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/real_network.hpp"
#include "mudra/quant/rounded_run.hpp"
#include "tests/quant/reference.hpp"
#include "tests/quant/small_case.hpp"
#include "tests/refusal.hpp"

namespace mudra::quant {
namespace {

TEST(RoundedRun, gives_the_integers_of_the_simulator) {
  const SmallPictures pictures(8);
  const graph::Graph network = small_network();
  const auto made =
      quantize(network, node_bits(network, {}), pictures.view(), Calibration::kMinmax, simulated());
  const RealNetwork real = real_network(made.integer);
  RoundedRun run(real.network, pictures.view().size(), real.scheme);
  BatchValues values;
  run.start(real_values(pictures.view(), network), values);
  for (std::size_t i = 0; i < real.network.nodes.size(); ++i) run.run_node(i, values);
  EXPECT_EQ(values.tensors[static_cast<std::size_t>(real.network.output)],
            simulated()(made.integer, pictures.view()));
}

TEST(Analysis, of_16_bits_throughout_is_nearly_silent) {
  const SmallPictures pictures(16);
  const graph::Graph network = small_network();
  const auto made =
      quantize(network, node_bits(network, {{"*", 16}}), pictures.view(), Calibration::kMinmax, simulated());
  const Analysis analysis = analyze(network, made.integer, pictures.view());
  ASSERT_EQ(analysis.layers.size(), 8u);
  for (const LayerNoise& layer : analysis.layers) {
    EXPECT_LT(layer.graphwise, 1e-3) << layer.node;
    EXPECT_LT(layer.layerwise, 1e-3) << layer.node;
  }
}

TEST(Analysis, takes_out_what_best_did_to_scales) {
  const SmallPictures pictures(32);
  const graph::Graph network = small_network();
  const auto best = quantize_best(network, pictures.view(), simulated());
  for (const LayerNoise& layer : analyze(network, best.integer, pictures.view()).layers) {
    EXPECT_LT(layer.graphwise, 0.05) << layer.node;
    EXPECT_LT(layer.layerwise, 0.05) << layer.node;
  }
}

// A small tensor's values are all tried, not only those of some channels.
TEST(Analysis, a_tensor_likes_the_exponent_that_suits_all_its_channels) {
  const SmallPictures pictures(24);
  graph::Graph network = small_network();
  auto& weights = std::get<std::vector<float>>(*network.tensor(network.nodes.back().inputs[1]).values);
  const auto inputs = static_cast<std::size_t>(network.tensor(network.nodes.back().inputs[1]).shape[1]);
  for (std::size_t i = 0; i < inputs; ++i) weights[i] /= 16;  // the first channel differs from the others
  const auto made =
      quantize(network, node_bits(network, {}), pictures.view(), Calibration::kMinmax, simulated());
  const TensorUse output = analyze(network, made.integer, pictures.view()).tensors.back();
  const std::vector<float> logits = float_outputs(network, pictures.view());
  double least = std::numeric_limits<double>::infinity();
  int best = 0;
  for (int exponent = output.exponent - 3; exponent <= output.exponent + 3; ++exponent) {
    const std::vector<float> rounded = rounded_values(logits, exponent, kNarrow);
    double error = 0;
    for (std::size_t i = 0; i < logits.size(); ++i)
      error += std::pow(double{rounded[i]} - double{logits[i]}, 2.0);
    if (error < least) {
      least = error;
      best = exponent;
    }
  }
  EXPECT_EQ(output.liked, best);
}

TEST(Analysis, does_not_depend_on_the_number_of_threads) {
  const SmallPictures pictures(24);
  const graph::Graph network = small_network();
  const auto best = quantize_best(network, pictures.view(), simulated());
  const auto figures = [&](int threads) {
    set_threads(threads);
    std::vector<double> all;
    const Analysis analysis = analyze(network, best.integer, pictures.view());
    for (const LayerNoise& layer : analysis.layers) all.insert(all.end(), {layer.graphwise, layer.layerwise});
    for (const TensorUse& use : analysis.tensors) all.insert(all.end(), {use.saturated, use.used});
    set_threads(0);
    return all;
  };
  EXPECT_EQ(figures(1), figures(3));
}

TEST(Analysis, refuses_a_network_made_of_another_one) {
  const SmallPictures pictures(4);
  graph::SmallNet other;
  other.block_channels = {16};
  other.architecture.block_strides = {2};
  const graph::Graph network = small_network(), shorter = lowered(graph::random_net(other));
  const auto made =
      quantize(shorter, node_bits(shorter, {}), pictures.view(), Calibration::kMinmax, simulated());
  EXPECT_THAT(refusal([&] { analyze(network, made.integer, pictures.view()); }),
              testing::HasSubstr("do not belong together"));
}

// The reference measures on a random fetch of each layer's elements, so that its figures vary by a little.
TEST(Analysis, gives_the_tables_of_the_reference_for_its_files) {
  if (reference().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const graph::Graph network = lowered(format::load_onnx(reference() / "relu6.onnx"));
  const data::Dataset set = data::read_images(reference() / "calib_u8.npy");
  for (const auto& [folder, name] :
       {std::pair{"int8_50", "int8.espdl"}, std::pair{"int8_percentile_50", "int8_percentile.espdl"}}) {
    const auto timing = nlohmann::json::parse(read_text(reference() / folder / "timing.json"));
    const auto integer = format::load_espdl(reference() / folder / name).graph;
    const Analysis analysis = analyze(network, integer, pictures_of(set));
    ASSERT_EQ(analysis.layers.size(), 14u);
    for (const LayerNoise& layer : analysis.layers) {
      const double graphwise = timing["graphwise"][layer.node].get<double>();
      const double layerwise = timing["layerwise"][layer.node].get<double>();
      EXPECT_NEAR(layer.graphwise, graphwise, 0.1 * graphwise + 1e-4) << folder << " " << layer.node;
      EXPECT_NEAR(layer.layerwise, layerwise, 0.1 * layerwise + 1e-5) << folder << " " << layer.node;
    }
  }
}

}  // namespace
}  // namespace mudra::quant
