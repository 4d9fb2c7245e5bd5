#include "mudra/quant/analysis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/real_network.hpp"
#include "mudra/quant/rounded_run.hpp"
#include "tests/quant/shared_data.hpp"
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
  run.start(real_values(pictures.view()), values);
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
