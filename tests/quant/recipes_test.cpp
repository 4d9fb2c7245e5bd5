// What the recipes change and what they must not change.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/threads.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/quant/best.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/equalize.hpp"
#include "mudra/quant/fit_ranges.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/mixed.hpp"
#include "mudra/quant/observe.hpp"
#include "tests/quant/small_case.hpp"
#include "tests/refusal.hpp"

namespace mudra::quant {
namespace {

using testing::HasSubstr;

void expect_same_function(const graph::Graph& a, const graph::Graph& b, const Pictures& pictures) {
  const auto expected = float_outputs(a, pictures), found = float_outputs(b, pictures);
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 2e-4f * std::max(1.0f, std::abs(expected[i])));
}

std::vector<float>& parameter(graph::Graph& network, std::string_view node, std::size_t slot) {
  const graph::Node* found = graph::find_node(network, node);
  return std::get<std::vector<float>>(*network.tensor(found->inputs.at(slot)).values);
}

TEST(Equalization, changes_weights_and_not_the_function) {
  const SmallPictures pictures(8);
  const graph::Graph network = small_network(graph::ActivationKind::kRelu);
  const Equalized result = equalized(network, {.iterations = 4, .threshold = 0, .level = 2});
  EXPECT_EQ(result.pairs.size(), 5u);
  EXPECT_FALSE(result.network == network);
  expect_same_function(network, result.network, pictures.view());
}

TEST(Equalization, stops_at_a_clip) {
  const graph::Graph network = small_network();
  const SmallPictures pictures(8);
  EXPECT_TRUE(equalized(network, {.iterations = 4, .threshold = 0, .level = 2}).pairs.empty());
  const Equalized result = equalized(network, {.iterations = 4, .threshold = 0, .level = 3});
  ASSERT_EQ(result.pairs.size(), 1u);
  EXPECT_THAT(result.pairs[0].behind, testing::ElementsAre("layers.1.conv.0", "classifier.2"));
  expect_same_function(network, result.network, pictures.view());
}

TEST(Equalization, makes_a_relu_of_every_relu6_and_of_no_other_clip) {
  graph::Graph network = small_network();
  std::get<graph::Clip>(network.nodes[1].operation).high = 5;
  const graph::Graph result = with_relu_for_relu6(network);
  EXPECT_TRUE(std::holds_alternative<graph::Clip>(result.nodes[1].operation));
  int clips = 0;
  for (const graph::Node& node : result.nodes)
    clips += std::holds_alternative<graph::Clip>(node.operation) ? 1 : 0;
  EXPECT_EQ(clips, 1);
}

TEST(GrowingBelowClips, gives_steps_back_that_one_channel_took_from_the_others) {
  const SmallPictures pictures(32);
  const graph::Graph even = small_network();
  graph::Graph network = even;
  // One channel is nearly zero in front of a depthwise layer, whose weights make up for it.
  constexpr float kSmaller = 24;
  constexpr std::ptrdiff_t kTaps = 9;
  auto& before = parameter(network, "layers.0.conv.0", 1);
  const auto inputs = std::ssize(before) / std::ssize(parameter(network, "layers.0.conv.0", 2));
  std::for_each_n(before.begin(), inputs, [](float& weight) { weight /= kSmaller; });
  parameter(network, "layers.0.conv.0", 2)[0] /= kSmaller;
  std::for_each_n(parameter(network, "layers.0.conv.3", 1).begin(), kTaps,
                  [](float& weight) { weight *= kSmaller; });

  graph::Graph grown = grown_below_clips(network, pictures.view());
  expect_same_function(network, grown, pictures.view());
  const auto largest = [](graph::Graph& of) {
    return std::ranges::max(parameter(of, "layers.0.conv.3", 1), {}, [](float w) { return std::abs(w); });
  };
  EXPECT_LT(std::abs(largest(grown)), std::abs(largest(network)) / 4);
  const auto noise = [&](const graph::Graph& of) {
    return Judge(of, pictures.view(), 32,
                 simulated())(quantize_best(of, pictures.view(), simulated()).integer)
        .noise;
  };
  EXPECT_LT(noise(network), 2 * noise(even));
}

TEST(GrowingBelowClips, leaves_channels_that_come_near_the_bound) {
  const SmallPictures pictures(8);
  graph::Graph network = small_network();
  for (const char* layer :
       {"first.0", "layers.0.conv.0", "layers.0.conv.3", "layers.1.conv.0", "layers.1.conv.3"})
    std::ranges::fill(parameter(network, layer, 2), 100.0f);
  EXPECT_TRUE(grown_below_clips(network, pictures.view()) == network);
}

TEST(FittedRanges, change_scales_and_not_the_function) {
  const SmallPictures pictures(32);
  const graph::Graph network = small_network();
  const FittedNetwork fitted = with_fitted_ranges(network, pictures.view());
  EXPECT_FALSE(fitted.network == network);
  EXPECT_EQ(fitted.exponents.size(), 5u);
  expect_same_function(network, fitted.network, pictures.view());
}

TEST(FittedRanges, clips_left_out_change_no_integer) {
  const SmallPictures pictures(32);
  const FittedNetwork fitted = with_fitted_ranges(small_network(), pictures.view());
  Scheme scheme =
      calibrated(fitted.network, node_bits(fitted.network, {}), pictures.view(), Calibration::kMinmax);
  for (const auto& [tensor, exponent] : fitted.exponents) scheme.exponents[{tensor, 8}] = exponent;
  spread_exponents(fitted.network, scheme);
  const graph::Graph integer = integer_graph(fitted.network, scheme);
  const graph::Graph shorter = without_saturated_clips(integer);
  EXPECT_EQ(shorter.nodes.size() + 5, integer.nodes.size());
  EXPECT_EQ(simulated()(integer, pictures.view()), simulated()(shorter, pictures.view()));
}

TEST(Best, is_nearer_to_the_float_network_than_any_single_calibration) {
  const SmallPictures pictures(48), others(48, 2);
  const graph::Graph network = small_network();
  const Judge judge(network, others.view(), 48, simulated());
  const double best = judge(quantize_best(network, pictures.view(), simulated()).integer).noise;
  for (const Calibration calibration : {Calibration::kMinmax, Calibration::kPercentile, Calibration::kMse,
                                        Calibration::kKl, Calibration::kSearch}) {
    const auto other = quantize(network, node_bits(network, {}), pictures.view(), calibration, simulated());
    EXPECT_LT(best, judge(other.integer).noise) << name_of(calibration);
  }
}

TEST(Best, does_not_depend_on_the_number_of_threads) {
  const SmallPictures pictures(24);
  const graph::Graph network = small_network();
  set_threads(1);
  const graph::Graph one = quantize_best(network, pictures.view(), simulated()).integer;
  set_threads(3);
  const graph::Graph three = quantize_best(network, pictures.view(), simulated()).integer;
  set_threads(0);
  EXPECT_TRUE(one == three);
}

TEST(Mixed, keeps_the_budget_and_improves_with_it) {
  const SmallPictures pictures(24);
  const graph::Graph network = small_network();
  const auto within = [&](std::string_view budget) {
    return quantize_mixed(network, pictures.view(), Calibration::kMinmax, budget_named(budget), simulated());
  };
  const MixedResult none = within("bytes=0"), some = within("macs=30%"), all = within("bytes=1000000");
  EXPECT_EQ(none.curve.size(), 1u);
  EXPECT_EQ(none.chosen, 0u);
  ASSERT_GT(some.curve.size(), 1u);
  for (const TradeOff& point : some.curve) EXPECT_LE(point.wide_share, 0.3);
  EXPECT_EQ(all.curve.size(), 9u);
  EXPECT_LT(some.curve[some.chosen].error.noise, none.curve[0].error.noise);
  EXPECT_LT(all.curve[all.chosen].error.noise, some.curve[some.chosen].error.noise);
}

// A picture takes 100 us, and 10 more for each convolution in 16 bits.
double invented_time(const graph::Graph& integer) {
  double us = 100;
  for (const graph::Node& node : integer.nodes)
    if (graph::has_weights(node) && integer.tensor(node.output).type == graph::Type::kInt16) us += 10;
  return us;
}

TEST(Mixed, stays_within_a_budget_of_time) {
  const SmallPictures pictures(24);
  const graph::Graph network = small_network();
  const auto within = [&](const char* budget) {
    return quantize_mixed(network, pictures.view(), Calibration::kMinmax, budget_named(budget), simulated(),
                          invented_time);
  };
  const MixedResult none = within("us=105"), two = within("us=120");
  EXPECT_EQ(none.curve.size(), 1u);
  ASSERT_EQ(two.curve.size(), 3u);
  EXPECT_EQ(two.curve.back().us, 120);
  EXPECT_LT(two.curve[two.chosen].error.noise, none.curve[0].error.noise);
  EXPECT_EQ(refusal([&] { within("us=99"); }), "in 8 bits it takes 100 us of the 99 of the budget");
}

TEST(Mixed, refuses_a_budget_of_another_form) {
  for (const char* text :
       {"", "bytes", "bytes=", "bytes=-1", "bytes=x", "macs=20", "macs=120%", "us=fast", "us=-1", "watts=3"})
    EXPECT_THAT(refusal([&] { budget_named(text); }), HasSubstr("give bytes=N, macs=P% or us=N")) << text;
}

TEST(ChipRules, another_chip_is_refused_by_name) {
  check_target("esp32s3");
  EXPECT_THAT(refusal([] { check_target("esp32p4"); }), HasSubstr("'esp32p4'"));
}

TEST(ChipRules, a_left_shift_and_a_bias_too_large_are_refused_with_the_remedy) {
  const SmallPictures pictures(8);
  graph::Graph network = small_network();
  Scheme scheme = calibrated(network, node_bits(network, {}), pictures.view(), Calibration::kMinmax);
  check_chip_rules(network, scheme);
  Scheme shifted = scheme;
  for (auto& [site, exponent] : shifted.exponents)
    if (site.tensor == network.output) exponent = -40;
  EXPECT_THAT(refusal([&] { check_chip_rules(network, shifted); }),
              testing::AllOf(HasSubstr("node 'classifier.2'"), HasSubstr("shifted left"),
                             HasSubstr("scale them down")));
  std::get<std::vector<float>>(*network.tensor(network.nodes[0].inputs[2]).values)[0] = 1e6f;
  EXPECT_THAT(refusal([&] { check_chip_rules(network, scheme); }),
              testing::AllOf(HasSubstr("node 'first.0'"), HasSubstr("20 bits"), HasSubstr("--bits")));
}

// Networks whose tensors leave exponents open, or ask for ones that no shift can bring together.
struct OddNetwork {
  const char* name;
  void (*spoil)(graph::Graph& network);
  double most_noise;  // of minmax
};

constexpr OddNetwork kOddNetworks[] = {
    {"a dead layer",
     [](graph::Graph& network) {
       std::ranges::fill(parameter(network, "layers.0.conv.3", 1), 0.0f);
       std::ranges::fill(parameter(network, "layers.0.conv.3", 2), -1.0f);
     },
     0.1},
    {"a layer of biases",
     [](graph::Graph& network) {
       std::ranges::fill(parameter(network, "layers.1.conv.0", 1), 0.0f);
       std::ranges::fill(parameter(network, "layers.1.conv.0", 2), 3.0f);
     },
     0.2},
    {"dead channels",
     [](graph::Graph& network) {
       for (const std::size_t slot : {1, 2}) {
         auto& values = parameter(network, "first.0", slot);
         std::fill_n(values.begin(), values.size() / 2, 0.0f);
       }
     },
     0.2},
    {"channels that nobody reads",
     [](graph::Graph& network) {
       auto& values = parameter(network, "classifier.2", 1);
       for (std::size_t i = 0; i < values.size(); i += 2) values[i] = 0;
     },
     0.2},
    {"tiny weights",
     [](graph::Graph& network) {
       for (float& weight : parameter(network, "layers.0.conv.6", 1)) weight *= 1e-9f;
     },
     0.2},
    {"huge weights",
     [](graph::Graph& network) {
       for (float& weight : parameter(network, "layers.0.conv.0", 1)) weight *= 1e6f;
     },
     1e9},  // of nothing behind them is left more than its sign
    {"nothing but zeros",
     [](graph::Graph& network) {
       for (graph::Tensor& tensor : network.tensors)
         if (tensor.is_constant()) std::ranges::fill(std::get<std::vector<float>>(*tensor.values), 0.0f);
     },
     1e-9},
};

TEST(OddNetworks, become_what_the_chip_can_compute_by_every_recipe) {
  constexpr double kAny = 1e30;
  const SmallPictures ordinary(4);
  SmallPictures black(2);
  std::ranges::fill(black.pixels, std::uint8_t{0});
  auto activation = graph::ActivationKind::kRelu6;
  for (const OddNetwork& odd : kOddNetworks) {
    graph::Graph network = small_network(activation);
    odd.spoil(network);
    const graph::Graph even = equalized(lowered(with_relu_for_relu6(network)), {}).network;
    const Judge judge(network, ordinary.view(), 4, simulated());
    for (const SmallPictures* pictures : {&ordinary, static_cast<const SmallPictures*>(&black)}) {
      SCOPED_TRACE(std::string(odd.name) + (pictures == &black ? ", black pictures" : ""));
      const auto expect_sound = [&](const Quantized& made, double most_noise) {
        EXPECT_NO_THROW(check_chip_rules(made.network, made.scheme));
        EXPECT_LE(judge(made.integer).noise, most_noise);
        EXPECT_GE(*made.integer.tensor(made.integer.input).exponent, -15);
      };
      const auto with = [&](const graph::Graph& net, Calibration calibration,
                            const std::vector<BitsRule>& rules) {
        return quantize(net, node_bits(net, rules), pictures->view(), calibration, simulated());
      };
      expect_sound(with(network, Calibration::kMinmax, {}), pictures == &ordinary ? odd.most_noise : kAny);
      for (const Calibration calibration : {Calibration::kPercentile, Calibration::kMse, Calibration::kKl})
        expect_sound(with(network, calibration, {}), kAny);
      expect_sound(with(network, Calibration::kMinmax, {{"layers.0.conv.3", 16}}), kAny);
      expect_sound(with(network, Calibration::kMse, {{"first.0", 16}}), kAny);
      expect_sound(with(even, Calibration::kSearch, {}), kAny);
      expect_sound(quantize_best(network, pictures->view(), simulated()), kAny);
      expect_sound(quantize_mixed(network, pictures->view(), Calibration::kPercentile,
                                  budget_named("macs=50%"), simulated())
                       .quantized,
                   kAny);
    }
    activation = activation == graph::ActivationKind::kRelu ? graph::ActivationKind::kRelu6
                                                            : graph::ActivationKind::kRelu;
  }
}

TEST(OddNetworks, equalizing_leaves_channels_without_weights_alone) {
  graph::Graph network = small_network(graph::ActivationKind::kRelu);
  auto& weights = parameter(network, "layers.0.conv.0", 1);
  std::fill_n(weights.begin(), weights.size() / 2, 0.0f);
  const std::vector<float> biases = parameter(network, "layers.0.conv.0", 2);
  graph::Graph even = equalized(network, {.iterations = 40, .threshold = 0, .level = 2}).network;
  const std::vector<float> after = parameter(even, "layers.0.conv.0", 2);
  EXPECT_TRUE(std::equal(after.begin(), after.begin() + std::ssize(after) / 2, biases.begin()));
}

TEST(OddNetworks, what_the_engine_has_no_room_for_is_named) {
  graph::Graph deep;
  deep.input =
      graph::add_tensor(deep, {.name = "input", .shape = {1, 9, 9, 1}, .exponent = {}, .values = {}});
  const auto weight =
      graph::add_constant(deep, "weight", {1, 1, 9, 1}, graph::Layout::kOihw, std::vector<float>(9, 1.0f));
  graph::TensorIndex at = graph::add_node(
      deep, "tall", graph::Conv{.window = {.kernel_h = 9}, .depthwise = true, .fused_relu = false},
      {deep.input, weight});
  EXPECT_EQ(beyond_engine(deep), std::vector<std::string>{"node 'tall' has a kernel of 9, 7 is supported"});
  for (int i = 0; i < 200; ++i) at = graph::add_node(deep, fmt::format("sum{}", i), graph::Add{}, {at, at});
  deep.output = at;
  EXPECT_THAT(refusal([&] { check_engine_limits(deep); }),
              HasSubstr("201 operations beside Clip, Relu, Flatten and Transpose, 200 are supported"));
}

TEST(OddNetworks, weights_beyond_what_exponents_reach_are_refused_by_name) {
  graph::Graph network = small_network();
  parameter(network, "first.0", 1)[0] = 1e20f;
  EXPECT_THAT(refusal([&] { lowered(network); }),
              HasSubstr("1e+20, which cannot be quantized; at most 1.36e+11"));
}

TEST(OddNetworks, activations_that_overflow_are_refused_by_every_calibration) {
  graph::Graph network = small_network(graph::ActivationKind::kRelu);
  for (const graph::Node& node : network.nodes)
    if (graph::has_weights(node))
      for (float& weight : graph::float_values(network, node.inputs[1])) weight = weight < 0 ? -1e11f : 1e11f;
  const SmallPictures pictures(4);
  for (const Calibration calibration :
       {Calibration::kMinmax, Calibration::kPercentile, Calibration::kMse, Calibration::kKl})
    EXPECT_THAT(refusal([&] {
                  calibrated(network, NodeBits(network.nodes.size(), kNarrow), pictures.view(), calibration);
                }),
                HasSubstr("holds values that are not finite; its weights are broken"))
        << name_of(calibration);
}

TEST(ChipRules, sums_that_reach_the_limit_of_a_lane_are_seen) {
  // 16 channels of 1x1 with 64 inputs of 127 * 127: 1,032,256 is beyond 2^19.
  graph::Graph integer;
  const auto add = [&](graph::Tensor tensor) { return graph::add_tensor(integer, std::move(tensor)); };
  integer.input = add({.name = "input",
                       .shape = {1, 1, 1, 64},
                       .layout = graph::Layout::kNhwc,
                       .type = graph::Type::kInt8,
                       .exponent = 0,
                       .values = {}});
  const auto weight = add({.name = "weight",
                           .shape = {16, 64, 1, 1},
                           .layout = graph::Layout::kOihw,
                           .type = graph::Type::kInt8,
                           .exponent = 0,
                           .values = std::vector<std::int8_t>(1024, 127)});
  integer.output = add({.name = "output",
                        .shape = {1, 1, 1, 16},
                        .layout = graph::Layout::kNhwc,
                        .type = graph::Type::kInt8,
                        .exponent = 12,
                        .values = {}});
  integer.nodes.push_back({"conv", graph::Conv{}, {integer.input, weight}, integer.output});
  std::vector<graph::Values> activations(3);
  activations[0] = std::vector<std::int8_t>(64, 1);
  const auto small = observe_sums(integer, activations);
  ASSERT_EQ(small.size(), 1u);
  EXPECT_EQ(small[0].unproven, 16);
  EXPECT_NEAR(small[0].largest, 64.0 * 127 / (1 << 19), 1e-9);
  check_sums(small);
  activations[0] = std::vector<std::int8_t>(64, 127);
  EXPECT_THAT(refusal([&] { check_sums(observe_sums(integer, activations)); }),
              testing::AllOf(HasSubstr("node 'conv'"), HasSubstr("--bits 'conv=16'")));
}

}  // namespace
}  // namespace mudra::quant
