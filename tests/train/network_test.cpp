#include "mudra/train/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/train/initialise.hpp"
#include "mudra/train/network_state.hpp"
#include "tests/refusal.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

std::vector<std::string> names(const graph::StateDict& state) {
  std::vector<std::string> all;
  for (const auto& tensor : state.tensors) all.push_back(tensor.name);
  return all;
}

TEST(Network, refuses_configs_that_are_out_of_range) {
  using testing::HasSubstr;
  const auto error = [](const NetworkConfig& config) { return refusal([&] { Network network(config); }); };
  EXPECT_THAT(error({.first_channels = 12}), HasSubstr("multiple of 8"));
  EXPECT_THAT(error({.classes = 0}), HasSubstr("classes"));
  EXPECT_THAT(error({.expansion = 1}), HasSubstr("without expansion"));
  EXPECT_THAT(error({.blocks = {}}), HasSubstr("blocks"));
  EXPECT_THAT(error({.blocks = {{24, 3}}}), HasSubstr("stride 3"));
  EXPECT_THAT(error({.blocks = {{20, 1}}}), HasSubstr("multiple of 8"));
  EXPECT_THAT(error({.image_side = 2}), HasSubstr("on a side"));
  EXPECT_EQ(error({}), "");
}

TEST(Network, copies_are_snapshots) {
  Network network = random_network(small_config(), 1);
  const Network snapshot = network;
  for (Parameter* parameter : network.parameters()) parameter->values.assign(parameter->values.size(), 0.0f);
  EXPECT_NE(all_values(network), all_values(snapshot));
}

TEST(Initialise, gives_normal_weights_of_he_and_xavier_deviation) {
  Network network{NetworkConfig{}};
  initialise(network, 1);
  const auto expect_normal = [](const Parameter& parameter, double deviation) {
    double sum = 0, squares = 0, fourth = 0;
    for (const float value : parameter.values) {
      const double x = value / deviation;
      sum += x;
      squares += x * x;
      fourth += x * x * x * x;
    }
    const auto count = static_cast<double>(parameter.values.size());
    // Four standard errors of each estimate.
    EXPECT_NEAR(sum / count, 0, 4 / std::sqrt(count)) << parameter.name;
    EXPECT_NEAR(squares / count, 1, 4 * std::sqrt(2 / count)) << parameter.name;
    EXPECT_NEAR(fourth / count, 3, 4 * std::sqrt(96 / count)) << parameter.name;
  };
  for (const NormalisedConv* conv : network.convolutions()) {
    const auto& shape = conv->weight.shape;
    expect_normal(conv->weight, std::sqrt(2.0 / static_cast<double>(shape[0] * shape[2] * shape[3])));
    EXPECT_THAT(conv->scale.values, testing::Each(1.0f));
    EXPECT_THAT(conv->shift.values, testing::Each(0.0f));
  }
  expect_normal(network.classifier_weight, std::sqrt(2.0 / (32 + 8)));
  EXPECT_THAT(network.classifier_bias.values, testing::Each(0.0f));
}

TEST(Initialise, is_a_function_of_the_seed_and_forgets_what_was_there) {
  Network a = random_network(small_config(), 1), b{small_config()}, c{small_config()};
  a.first.running_mean[0] = 5;
  a.first.batches_tracked = 7;
  initialise(a, 3);
  initialise(b, 3);
  initialise(c, 4);
  EXPECT_EQ(state_dict(a), state_dict(b));
  EXPECT_NE(all_values(a), all_values(c));
}

TEST(StateDict, has_the_keys_of_the_articles_class_in_pytorchs_order) {
  const graph::StateDict state = state_dict(Network{NetworkConfig{}});
  const auto all = names(state);
  ASSERT_EQ(all.size(), 13u * 6 + 2);
  EXPECT_THAT(
      std::vector(all.begin(), all.begin() + 7),
      testing::ElementsAre("first.0.weight", "first.1.weight", "first.1.bias", "first.1.running_mean",
                           "first.1.running_var", "first.1.num_batches_tracked", "layers.0.conv.0.weight"));
  EXPECT_EQ(all[12], "layers.0.conv.3.weight");
  EXPECT_EQ(all[19], "layers.0.conv.7.weight");
  EXPECT_EQ(all[77], "layers.3.conv.7.num_batches_tracked");
  EXPECT_EQ(all[78], "classifier.2.weight");
  EXPECT_EQ(all[79], "classifier.2.bias");
  EXPECT_THAT(graph::find(state, "layers.2.conv.3.weight")->shape, testing::ElementsAre(144, 1, 3, 3));
  EXPECT_THAT(graph::find(state, "first.1.num_batches_tracked")->shape, testing::IsEmpty());
}

TEST(StateDict, comes_back_as_the_same_network) {
  for (const NetworkConfig& config : {NetworkConfig{}, small_config()}) {
    Network network = random_network(config, 1);
    network.blocks[0].expand.running_mean[3] = 0.5f;
    network.blocks[1].project.batches_tracked = 42;
    const graph::StateDict state = state_dict(network);
    EXPECT_EQ(state_dict(network_from(state, config)), state);
  }
}

TEST(StateDict, tells_the_config_but_for_what_shapes_do_not_show) {
  EXPECT_EQ(config_from(state_dict(Network{NetworkConfig{}})), NetworkConfig{});
  NetworkConfig expected = small_config();
  expected.image_side = NetworkConfig{}.image_side;
  EXPECT_EQ(config_from(state_dict(Network{small_config()})), expected);
}

TEST(StateDict, of_another_network_is_refused_with_the_reason) {
  using testing::HasSubstr;
  const graph::StateDict good = state_dict(Network{small_config()});
  const auto error = [&](const auto& spoil) {
    graph::StateDict state = good;
    spoil(state.tensors);
    return refusal([&] { network_from(state, config_from(state)); });
  };
  using Tensors = std::vector<graph::NamedTensor>;
  EXPECT_EQ(error([](Tensors&) {}), "");
  EXPECT_THAT(error([](Tensors& tensors) { tensors.clear(); }), HasSubstr("'first.0.weight' is missing"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors.pop_back(); }),
              HasSubstr("'classifier.2.bias' is missing"));
  EXPECT_THAT(error([](Tensors& tensors) {
                tensors.push_back({"extra", {}, std::vector<float>{1}});
              }),
              HasSubstr("'extra' is not part"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors[3].shape = {4}; }), HasSubstr("running_mean"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors[0].shape = {8, 3, 3, 3}; }), HasSubstr("first.0.weight"));
  EXPECT_THAT(error([](Tensors& tensors) { std::get<std::vector<float>>(tensors[4].values)[0] = -1; }),
              HasSubstr("first.1.running_var"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors[5].values = std::vector<float>{1}; }),
              HasSubstr("num_batches_tracked"));
  EXPECT_THAT(error([](Tensors& tensors) {
                for (auto& tensor : tensors)
                  if (tensor.name == "layers.0.conv.0.weight") tensor.shape = {0, 8, 1, 1};
              }),
              HasSubstr("layers.0.conv.0.weight"));
}

}  // namespace
}  // namespace mudra::train
