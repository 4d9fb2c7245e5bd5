#include "mudra/train/training_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mudra/graph/networks.hpp"
#include "mudra/graph/verify.hpp"
#include "mudra/train/block_layer.hpp"
#include "mudra/train/first_layer.hpp"
#include "mudra/train/inference.hpp"
#include "mudra/train/train_step.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

struct Counts {
  std::size_t steps = 0;
  int blocks = 0, first_layers = 0;
};

Counts counts_of(graph::Graph network) {
  Tape tape(network, 1);
  const TrainingPlan plan = plan_training(network, tape);
  Counts counts{.steps = plan.steps.size()};
  for (const auto& step : plan.steps) {
    counts.blocks += dynamic_cast<const BlockLayer*>(step.get()) != nullptr;
    counts.first_layers += dynamic_cast<const FirstLayer*>(step.get()) != nullptr;
  }
  return counts;
}

TEST(TrainingPlan, of_light_gesture_net_is_its_first_layer_its_blocks_and_the_classifier) {
  const Counts counts = counts_of(graph::light_gesture_net({}));
  EXPECT_EQ(counts.first_layers, 1);
  EXPECT_EQ(counts.blocks, 4);
  EXPECT_EQ(counts.steps, 1u + 4 + 3);
}

TEST(TrainingPlan, knows_inverted_residuals_among_others) {
  const graph::Graph network = graph::find_network("mobilenet-v2-0.35")->build({96, 96, 1}, 8);
  EXPECT_EQ(counts_of(network).blocks, 16);  // all but the first, which does not expand
  EXPECT_EQ(counts_of(network).first_layers, 1);

  graph::Graph kept_open = graph::light_gesture_net({});
  for (graph::Node& node : kept_open.nodes)
    if (node.name == "layers.1.conv.5") node.operation = graph::Clip{0, 5};  // another limit than .2's
  EXPECT_EQ(counts_of(kept_open).blocks, 3);
}

class BuiltInNetwork : public testing::TestWithParam<graph::BuiltInNetwork> {};

TEST_P(BuiltInNetwork, is_trained_in_every_constant_and_judges) {
  graph::Graph network = GetParam().build({96, 96, 1}, 5);
  verify(network);
  EXPECT_EQ(network.tensor(network.output).shape, (graph::Shape{1, 5}));
  network = random_network(std::move(network), 1);
  const Batch batch = random_batch(network, 2, 2);
  TrainStep step(network, 2);
  EXPECT_TRUE(std::isfinite(step.forward_backward(batch.images, batch.labels).loss));
  for (const graph::TensorIndex i : learnt_constants(network)) {
    float largest = 0;
    for (const float gradient : step.gradients()[static_cast<std::size_t>(i)])
      largest = std::max(largest, std::abs(gradient));
    EXPECT_GT(largest, 0) << network.tensor(i).name;
  }
  std::vector<float> logits(10);
  Inference(network, 2).run(batch.images, logits);
  for (const float logit : logits) EXPECT_TRUE(std::isfinite(logit));
}

INSTANTIATE_TEST_SUITE_P(, BuiltInNetwork, testing::ValuesIn(graph::built_in_networks()),
                         [](const auto& parameter) {
                           std::string name(parameter.param.name);
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
                               '_');
                           return name;
                         });

TEST(Parameters, of_constants_that_nodes_share_are_made_their_own) {
  graph::Layers layers("twice", {8, 8, 1});
  layers.conv_and_normalisation("a", 0, 4, 3);
  layers.conv_and_normalisation("b", 0, 4, 3);
  layers.conv_and_normalisation("c", 0, 4, 3);
  graph::Graph network = layers.finish();
  for (graph::Node& node : network.nodes)
    if (node.name == "b.1" || node.name == "c.1") node.inputs[1] = find_tensor(network, "a.1.weight").value();
  graph::Graph own = with_own_constants(network);
  verify(own);
  EXPECT_NO_THROW(Parameters{own});
  EXPECT_EQ(learnt_constants(own).size(), learnt_constants(network).size() + 2);
  EXPECT_NE(find_tensor(own, "a.1.weight_of_c.1"), std::nullopt);
}

}  // namespace
}  // namespace mudra::train
