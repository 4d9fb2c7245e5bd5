#include "mudra/train/inference.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/train/train_step.hpp"
#include "tests/instruction_sets.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

std::vector<float> infer(const graph::Graph& network, std::span<const float> images, int batch) {
  std::vector<float> logits(static_cast<std::size_t>(batch) *
                            static_cast<std::size_t>(network.tensor(network.output).shape[1]));
  Inference(network, batch).run(images, logits);
  return logits;
}

// A batch's own statistics as running ones make inference compute what training's forward pass did, but for
// the variance, which is unbiased there: undone here.
TEST(Inference, with_a_batchs_statistics_gives_the_logits_training_saw) {
  for (const graph::LightGestureNet& net :
       {small_net(), graph::LightGestureNet{.activation = graph::ActivationKind::kRelu, .image_side = 40}}) {
    graph::Graph network = random_network(net, 1);
    const Batch batch = random_batch(network, 5, 2);
    TrainStep step(network, 5);
    step.update_statistics(batch.images, 1.0);
    for (const graph::Node& node : network.nodes) {
      if (!std::holds_alternative<graph::BatchNormalization>(node.operation)) continue;
      const graph::Shape& shape = network.tensor(node.output).shape;
      const float count = 5.0f * static_cast<float>(shape[1] * shape[2]);
      for (float& variance : float_values(network, node.inputs[4])) variance *= (count - 1) / count;
    }
    const std::vector<float> logits = infer(network, batch.images, 5);
    for (std::size_t i = 0; i < logits.size(); ++i)
      EXPECT_NEAR(logits[i], step.logits()[i], 1e-4f * (1 + std::abs(logits[i])));
  }
}

TEST(Inference, does_not_depend_on_the_rest_of_the_batch) {
  const graph::Graph network = random_network(small_net(), 1);
  const Batch batch = random_batch(network, 4, 2);
  const std::vector<float> together = infer(network, batch.images, 4);
  const auto alone = infer(network, std::span(batch.images).subspan(2 * 21 * 21, 21 * 21), 1);
  EXPECT_EQ(std::vector(together.begin() + 10, together.begin() + 15), alone);
}

TEST(Inference, keeps_the_weights_it_was_made_with) {
  graph::Graph network = random_network(small_net(), 1);
  const Batch batch = random_batch(network, 1, 2);
  Inference inference(network, 1);
  std::vector<float> before(5), after(5);
  inference.run(batch.images, before);
  initialise(network, 9);
  inference.run(batch.images, after);
  EXPECT_EQ(before, after);
}

TEST(Inference, is_the_same_on_instruction_sets_with_fused_multiply_add_and_close_on_others) {
  const graph::Graph network = random_network(graph::LightGestureNet{.image_side = 32}, 1);
  const Batch batch = random_batch(network, 2, 2);
  std::vector<float> first_with_fma;
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    const std::vector<float> logits = infer(network, batch.images, 2);
    if (first_with_fma.empty()) first_with_fma = logits;
    for (std::size_t i = 0; i < logits.size(); ++i)
      EXPECT_NEAR(logits[i], first_with_fma[i], set.has_fma ? 0.0f : 1e-4f * (1 + std::abs(logits[i])))
          << set.name;
  }
}

TEST(Inference, takes_more_channels_than_pixels) {
  const graph::Graph network = random_network(
      graph::LightGestureNet{
          .classes = 3, .first_channels = 8, .expansion = 2, .blocks = {{1024, 2}}, .image_side = 3},
      1);
  for (const float logit : infer(network, random_batch(network, 2, 2).images, 2))
    EXPECT_TRUE(std::isfinite(logit));
}

TEST(Inference, refuses_wrong_sizes) {
  const graph::Graph network = random_network(small_net(), 1);
  Inference inference(network, 2);
  std::vector<float> images(21 * 21 * 2), logits(10);
  inference.run(images, logits);
  EXPECT_THROW(inference.run(std::span(images).first(100), logits), Error);
  EXPECT_THROW(inference.run(images, std::span(logits).first(5)), Error);
  EXPECT_THROW(inference.run({}, {}), Error);
  EXPECT_THROW(Inference(network, 0), Error);
}

}  // namespace
}  // namespace mudra::train
