#include "mudra/quant/scheme.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "mudra/quant/calibrate.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "tests/quant/small_case.hpp"
#include "tests/refusal.hpp"

namespace mudra::quant {
namespace {

using testing::HasSubstr;

std::map<std::string, int> bits_by_name(const graph::Graph& network, const NodeBits& bits) {
  std::map<std::string, int> result;
  for (std::size_t i = 0; i < bits.size(); ++i) result[network.nodes[i].name] = bits[i];
  return result;
}

TEST(NodeBits, the_clip_behind_a_layer_follows_it) {
  const graph::Graph network = small_network();
  const auto bits = bits_by_name(network, node_bits(network, {{"layers.1.conv.3", 16}}));
  EXPECT_EQ(bits.at("layers.1.conv.3"), 16);
  EXPECT_EQ(bits.at("layers.1.conv.5"), 16);  // its Clip
  EXPECT_EQ(bits.at("layers.1.conv.0"), 8);
  EXPECT_EQ(bits.at("layers.1.conv.6"), 8);
}

TEST(NodeBits, a_star_stands_for_any_characters_and_later_rules_win) {
  const graph::Graph network = small_network();
  const auto bits = bits_by_name(network, node_bits(network, {{"layers.1*", 16}, {"*conv.6", 8}}));
  EXPECT_EQ(bits.at("layers.1.conv.0"), 16);
  EXPECT_EQ(bits.at("layers.1.conv.6"), 8);
  EXPECT_EQ(bits.at("layers.0.conv.0"), 8);
  EXPECT_EQ(bits.at("layers.1.add"), 16);
}

TEST(NodeBits, a_name_of_no_node_is_refused) {
  const graph::Graph network = small_network();
  EXPECT_THAT(refusal([&] { node_bits(network, {{"layers.7*", 16}}); }), HasSubstr("no node 'layers.7*'"));
}

TEST(IntegerGraph, has_one_exponent_in_front_of_and_behind_an_add_and_a_clip) {
  const graph::Graph network = small_network();
  const SmallPictures pictures(16);
  const Scheme scheme = calibrated(network, node_bits(network, {}), pictures.view(), Calibration::kMinmax);
  const graph::Graph integer = integer_graph(network, scheme);
  int adds = 0, clips = 0;
  for (const graph::Node& node : integer.nodes) {
    const auto exponent = integer.tensor(node.output).exponent;
    if (std::holds_alternative<graph::Add>(node.operation)) {
      ++adds;
      EXPECT_EQ(integer.tensor(node.inputs[0]).exponent, exponent);
      EXPECT_EQ(integer.tensor(node.inputs[1]).exponent, exponent);
    } else if (std::holds_alternative<graph::Clip>(node.operation)) {
      ++clips;
      EXPECT_EQ(integer.tensor(node.inputs[0]).exponent, exponent);
    }
  }
  EXPECT_EQ(adds, 1);
  EXPECT_EQ(clips, 5);
}

TEST(IntegerGraph, biases_of_16_bit_layers_keep_all_their_bits) {
  const graph::Graph network = small_network();
  const SmallPictures pictures(16);
  const NodeBits bits = node_bits(network, {{"first.0", 16}});
  const graph::Graph integer =
      integer_graph(network, calibrated(network, bits, pictures.view(), Calibration::kMinmax));
  const graph::Node* first = graph::find_node(integer, "first.0");
  ASSERT_NE(first, nullptr);
  const auto& wide = std::get<std::vector<std::int64_t>>(*integer.tensor(first->inputs[2]).values);
  const auto& exact = graph::float_values(network.tensor(graph::find_node(network, "first.0")->inputs[2]));
  std::int64_t largest = 0;
  for (std::size_t c = 0; c < wide.size(); ++c) {
    largest = std::max(largest, std::abs(wide[c]));
    const float back = std::ldexp(static_cast<float>(wide[c]), *integer.tensor(first->inputs[2]).exponent);
    EXPECT_NEAR(back, exact[c], 1e-5f);
  }
  EXPECT_GT(largest, 1 << 20) << "no bias needs more than 20 bits; the test shows nothing";
  EXPECT_EQ(integer.tensor(integer.input).type, graph::Type::kInt16);
  check_chip_rules(network, calibrated(network, bits, pictures.view(), Calibration::kMinmax));
}

}  // namespace
}  // namespace mudra::quant
