// Where the reference quantizer decides by stated rules, this one decides the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>

#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/quant/calibrate.hpp"
#include "mudra/quant/equalize.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "tests/quant/reference.hpp"

namespace mudra::quant {
namespace {

const data::Dataset& calibration_set() {
  static const data::Dataset set = data::read_images(reference() / "calib_u8.npy");
  return set;
}

// The source, type and exponent of what a RequantizeLinear gives.
using Conversion = std::tuple<std::string, graph::Type, int>;

std::multiset<Conversion> conversions(const graph::Graph& network) {
  std::multiset<Conversion> found;
  for (const graph::Node& node : network.nodes)
    if (std::holds_alternative<graph::RequantizeLinear>(node.operation)) {
      const graph::Tensor& output = network.tensor(node.output);
      found.emplace(network.tensor(node.inputs[0]).name, output.type, *output.exponent);
    }
  return found;
}

std::multiset<std::string> operations(const graph::Graph& network) {
  std::multiset<std::string> found;
  for (const graph::Node& node : network.nodes) found.insert(graph::name_of(node.operation));
  return found;
}

// Every activation of the network's own, and every weight and bias: their types, exponents and integers.
void expect_equal(const graph::Graph& ours, const graph::Graph& reference_graph) {
  std::size_t integers = 0, activations = 0;
  for (const graph::Tensor& expected : reference_graph.tensors) {
    if (expected.name.starts_with("PPQ_")) continue;  // inserted, see conversions()
    const auto found = graph::find_tensor(ours, expected.name);
    ASSERT_TRUE(found) << expected.name;
    const graph::Tensor& tensor = ours.tensor(*found);
    EXPECT_EQ(tensor.exponent, expected.exponent) << expected.name;
    EXPECT_EQ(tensor.type, expected.type) << expected.name;
    EXPECT_EQ(tensor.shape, expected.shape) << expected.name;
    EXPECT_TRUE(tensor.values == expected.values) << expected.name;
    if (expected.is_constant())
      integers += static_cast<std::size_t>(graph::element_count(expected.shape));
    else
      ++activations;
  }
  EXPECT_EQ(integers, 37976u);
  EXPECT_GE(activations, 19u);
  EXPECT_EQ(conversions(ours), conversions(reference_graph));
  EXPECT_EQ(operations(ours), operations(reference_graph));
}

struct Case {
  const char *name, *model, *file;
  Calibration calibration;
  std::vector<BitsRule> bits;
  bool equalize;
};

class ReferenceQuantizer : public testing::TestWithParam<Case> {};

TEST_P(ReferenceQuantizer, gives_the_same_integers_and_exponents) {
  if (reference().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  graph::Graph network = lowered(format::load_onnx(reference() / GetParam().model));
  if (GetParam().equalize) {
    Equalized result = equalized(network, {.iterations = 4, .threshold = 0.4f, .level = 2});
    EXPECT_EQ(result.pairs.size(), 10u);
    network = std::move(result.network);
  }
  const NodeBits bits = node_bits(network, GetParam().bits);
  const Scheme scheme = calibrated(network, bits, pictures_of(calibration_set()), GetParam().calibration);
  expect_equal(integer_graph(network, scheme), format::load_espdl(reference() / GetParam().file).graph);
}

INSTANTIATE_TEST_SUITE_P(
    of_today, ReferenceQuantizer,
    testing::Values(Case{"kl", "relu6.onnx", "int8_50/int8.espdl", Calibration::kKl, {}, false},
                    Case{"percentile",
                         "relu6.onnx",
                         "int8_percentile_50/int8_percentile.espdl",
                         Calibration::kPercentile,
                         {},
                         false},
                    Case{"mixed",
                         "relu6.onnx",
                         "mixed_layers3clip_50/mixed_layers3clip.espdl",
                         Calibration::kKl,
                         {{"/layers/layers.3/conv/*Conv", 16}},
                         false},
                    Case{"equalized", "relu.onnx", "eq_relu_50/eq_relu.espdl", Calibration::kKl, {}, true}),
    [](const testing::TestParamInfo<Case>& of) { return std::string(of.param.name); });

TEST(KlCalibration, decides_as_the_reference_for_each_of_its_18_histograms) {
  if (reference().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const graph::Graph network = lowered(format::load_onnx(reference() / "relu6.onnx"));
  const NodeBits bits = node_bits(network, {});
  Scheme scheme;
  scheme.bits = bits;
  choose_weight_exponents(network, scheme);
  const graph::Graph rounded = with_rounded_weights(network, scheme);
  const Pictures pictures = pictures_of(calibration_set()).part(0, 128);
  const auto decisions = nlohmann::json::parse(read_text(reference() / "kl_hist_steps4.json"));
  EXPECT_EQ(decisions.size(), 18u);
  for (const auto& [key, decision] : decisions.items()) {
    const auto tensor = graph::find_tensor(network, key.substr(0, key.find('|')));
    ASSERT_TRUE(tensor) << key;
    const Interval interval = observe_intervals(rounded, pictures, {*tensor})[0];
    EXPECT_NEAR(interval.low, decision["min"].get<float>(), 2e-5) << key;
    EXPECT_NEAR(interval.high, decision["max"].get<float>(), 2e-5) << key;
    const auto histogram =
        observe_histograms(rounded, pictures, {*tensor}, {interval.magnitude()}, histogram_bins(8))[0];
    EXPECT_EQ(std::ldexp(1.0, kl_exponent(histogram, 8)), decision["scale"].get<double>()) << key;
  }
}

}  // namespace
}  // namespace mudra::quant
