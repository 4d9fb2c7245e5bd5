#include "mudra/train/train_step.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/train/adam.hpp"
#include "mudra/train/initialise.hpp"
#include "tests/train/plain_network.hpp"

namespace mudra::train {
namespace {

struct Batch {
  std::vector<float> images;
  std::vector<std::int32_t> labels;
};

Batch random_batch(const NetworkConfig& config, int size, std::uint64_t seed) {
  Batch batch;
  Random random(seed);
  batch.images.resize(static_cast<std::size_t>(size) * config.image_side * config.image_side);
  for (float& pixel : batch.images) pixel = random.uniform();
  for (int i = 0; i < size; ++i)
    batch.labels.push_back(
        static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(config.classes))));
  return batch;
}

// Initialised, with scales and shifts moved away from 1 and 0 so that every gradient matters and the upper
// end of ReLU6 is reached.
Network random_network(const NetworkConfig& config, std::uint64_t seed) {
  Network network(config);
  initialise(network, seed);
  Random random(seed, 2);
  for (NormalisedConv* conv : network.convolutions()) {
    for (float& scale : conv->scale.values) scale = random.uniform(0.5f, 4.0f);
    for (float& shift : conv->shift.values) shift = random.uniform(-1.0f, 1.0f);
  }
  return network;
}

struct Case {
  const char* name;
  NetworkConfig config;
  int batch;
};

double largest_of(const plain::Values& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

class TrainStepAgainstPlainNetwork : public testing::TestWithParam<Case> {};

// Float sums of some thousand terms are good to about 1e-6 of their largest term; a few layers of batch
// normalisation multiply that. 2e-4 of an array's largest gradient is what PyTorch's own float results stay
// within of its double ones on these networks.
TEST_P(TrainStepAgainstPlainNetwork, has_its_loss_logits_gradients_and_statistics) {
  const auto& [name, config, size] = GetParam();
  Network network = random_network(config, 3);
  const Batch batch = random_batch(config, size, 4);
  plain::PlainNetwork plain(network);
  plain.forward(batch.images, batch.labels);
  plain.backward();

  TrainStep step(network, size + 1);
  const BatchResult result = step.forward_backward(batch.images, batch.labels);

  EXPECT_NEAR(result.loss, plain.loss, 1e-5 * plain.loss);
  ASSERT_EQ(step.logits().size(), plain.logits.size());
  for (std::size_t i = 0; i < plain.logits.size(); ++i)
    EXPECT_NEAR(static_cast<double>(step.logits()[i]), plain.logits[i], 1e-4);
  const auto parameters = network.parameters();
  double overall = 0;
  for (const plain::Values& gradients : plain.gradients) overall = std::max(overall, largest_of(gradients));
  ASSERT_GT(overall, 0.01);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double largest = largest_of(plain.gradients[i]);
    double error = 0;
    for (std::size_t j = 0; j < plain.gradients[i].size(); ++j)
      error =
          std::max(error, std::abs(plain.gradients[i][j] - static_cast<double>(parameters[i]->gradients[j])));
    // Some gradients are 0 in exact arithmetic: a shift in front of another normalisation.
    EXPECT_LT(error, 2e-4 * largest + 1e-6 * overall) << parameters[i]->name;
    if (getenv("SHOW"))
      printf("%-28s %.2e %.2e of %.2e\n", parameters[i]->name.c_str(), error / largest, error, largest);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, TrainStepAgainstPlainNetwork,
    testing::Values(
        Case{"narrow",
             {.classes = 5,
              .first_channels = 8,
              .expansion = 4,
              .blocks = {{16, 2}, {16, 1}},
              .image_side = 21},
             3},
        Case{"one_image",
             {.classes = 3, .first_channels = 8, .expansion = 2, .blocks = {{8, 1}}, .image_side = 12},
             1},
        Case{"relu",
             {.classes = 4,
              .first_channels = 16,
              .expansion = 6,
              .blocks = {{24, 2}, {24, 1}, {24, 2}},
              .activation = Activation::kRelu,
              .image_side = 30},
             5},
        Case{"widening_at_stride_one",
             {.classes = 4,
              .first_channels = 8,
              .expansion = 3,
              .blocks = {{24, 1}, {40, 1}},
              .image_side = 9},
             2},
        Case{"light_gesture_net", {.image_side = 32}, 4}),
    [](const auto& parameters) { return std::string(parameters.param.name); });

}  // namespace
}  // namespace mudra::train
