#include "mudra/train/train_step.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/train/adam.hpp"
#include "mudra/train/network_state.hpp"
#include "tests/instruction_sets.hpp"
#include "tests/train/examples.hpp"
#include "tests/train/plain_network.hpp"

namespace mudra::train {
namespace {

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

// Float sums of some thousand terms are good to about 1e-7 of their size, and the layers add up: the largest
// errors seen are 5e-6 of an array's largest gradient.
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
    EXPECT_LT(error, 2e-5 * largest + 1e-6 * overall) << parameters[i]->name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Networks, TrainStepAgainstPlainNetwork,
    testing::Values(
        Case{"narrow", small_config(), 3},
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
        Case{"wide_and_one_pixel",
             {.classes = 3, .first_channels = 8, .expansion = 2, .blocks = {{1024, 2}}, .image_side = 3},
             5},
        Case{"light_gesture_net", {.image_side = 32}, 4}),
    [](const auto& parameters) { return std::string(parameters.param.name); });

TEST(TrainStep, moves_running_statistics_by_a_tenth_with_unbiased_variance) {
  const NetworkConfig config = small_config();
  Network network = random_network(config, 1);
  const Batch batch = random_batch(config, 3, 2);
  plain::PlainNetwork plain(network);
  plain.forward(batch.images, batch.labels);
  TrainStep(network, 3).forward_backward(batch.images, batch.labels);

  const int sides[] = {11, 11, 6, 6, 6, 6, 6};  // behind each convolution
  const auto convolutions = network.convolutions();
  ASSERT_EQ(convolutions.size(), std::size(sides));
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    const plain::Norm& norm = plain.norm(i);
    const double count = 3.0 * sides[i] * sides[i];
    EXPECT_EQ(convolutions[i]->batches_tracked, 1);
    for (std::size_t c = 0; c < norm.mean.size(); ++c) {
      EXPECT_NEAR(convolutions[i]->running_mean[c], 0.1 * norm.mean[c], 1e-5);
      const double variance = 0.9 + 0.1 * norm.variance[c] * count / (count - 1);
      EXPECT_NEAR(convolutions[i]->running_variance[c], variance, 1e-5 * variance);
    }
  }
}

TEST(TrainStep, update_statistics_moves_nothing_else_and_averages_with_falling_momentum) {
  const NetworkConfig config = small_config();
  Network network = random_network(config, 1);
  const Network before = network;
  TrainStep step(network, 3);
  std::vector<double> mean(static_cast<std::size_t>(config.first_channels));
  for (int i = 0; i < 3; ++i) {
    const Batch batch = random_batch(config, 3, static_cast<std::uint64_t>(i));
    plain::PlainNetwork plain(network);
    plain.forward(batch.images, batch.labels);
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += plain.norm(0).mean[c] / 3;
    step.update_statistics(batch.images, 1.0 / (i + 1));
  }
  for (std::size_t c = 0; c < mean.size(); ++c) EXPECT_NEAR(network.first.running_mean[c], mean[c], 1e-6);
  EXPECT_EQ(network.first.batches_tracked, 3);
  EXPECT_EQ(all_values(network), all_values(before));
  EXPECT_EQ(network.first.weight.gradients, before.first.weight.gradients);
}

// The bytes of everything a few steps change.
std::vector<float> after_training(const NetworkConfig& config, int batch_size) {
  Network network = random_network(config, 5);
  TrainStep step(network, batch_size);
  Adam adam(network);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Batch batch = random_batch(config, batch_size, i);
    step.forward_backward(batch.images, batch.labels);
    adam.step(network, 1e-2);
  }
  std::vector<float> values = all_values(network);
  for (const NormalisedConv* conv : network.convolutions()) {
    values.insert(values.end(), conv->running_mean.begin(), conv->running_mean.end());
    values.insert(values.end(), conv->running_variance.begin(), conv->running_variance.end());
  }
  return values;
}

bool same_bytes(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Sets the number of threads back at the end of its scope.
struct Threads {
  explicit Threads(int count) { set_threads(count); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { set_threads(0); }
};

TEST(TrainStep, gives_the_same_bytes_with_one_two_and_four_threads) {
  std::vector<float> with_one;
  for (const int count : {1, 2, 4}) {
    const Threads threads(count);
    const std::vector<float> values = after_training(small_config(), 7);
    if (count == 1)
      with_one = values;
    else
      EXPECT_TRUE(same_bytes(values, with_one)) << count << " threads";
  }
}

TEST(TrainStep, survives_more_threads_than_it_was_made_with) {
  const NetworkConfig config = small_config();
  Network network = random_network(config, 1);
  const Batch batch = random_batch(config, 8, 2);
  TrainStep step(network, 8);
  for (const int count : {1, 4}) {
    const Threads threads(count);
    EXPECT_GT(step.forward_backward(batch.images, batch.labels).loss, 0);
  }
}

TEST(TrainStep, gives_the_same_bytes_on_every_instruction_set_with_fused_multiply_add) {
  std::vector<float> first;
  for (const InstructionSet& set : instruction_sets()) {
    if (!set.has_fma) continue;
    const UseInstructionSet use(set);
    const std::vector<float> values = after_training({.image_side = 32}, 4);
    if (first.empty())
      first = values;
    else
      EXPECT_TRUE(same_bytes(values, first)) << set.name;
  }
}

TEST(TrainStep, gives_close_gradients_on_every_other_instruction_set) {
  const NetworkConfig config = small_config();
  const Batch batch = random_batch(config, 3, 2);
  Network expected = random_network(config, 1);
  TrainStep(expected, 3).forward_backward(batch.images, batch.labels);
  for (const InstructionSet& set : instruction_sets()) {
    const UseInstructionSet use(set);
    Network network = random_network(config, 1);
    TrainStep(network, 3).forward_backward(batch.images, batch.labels);
    const auto parameters = network.parameters(), others = expected.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      for (std::size_t j = 0; j < parameters[i]->gradients.size(); ++j)
        ASSERT_NEAR(parameters[i]->gradients[j], others[i]->gradients[j], 1e-5f)
            << set.name << ' ' << parameters[i]->name;
  }
}

TEST(TrainStep, does_not_depend_on_earlier_and_larger_batches) {
  const NetworkConfig config = small_config();
  const Batch large = random_batch(config, 6, 1), small = random_batch(config, 3, 2);
  Network used = random_network(config, 1), fresh = random_network(config, 1);
  TrainStep step(used, 6);
  step.forward_backward(large.images, large.labels);
  step.forward_backward(small.images, small.labels);
  TrainStep(fresh, 3).forward_backward(small.images, small.labels);
  EXPECT_EQ(used.first.weight.gradients, fresh.first.weight.gradients);
}

TEST(TrainStep, goes_on_when_its_network_is_replaced_by_another_value) {
  const NetworkConfig config = small_config();
  const Batch batch = random_batch(config, 3, 2);
  Network replaced = random_network(config, 1), fresh = random_network(config, 9);
  TrainStep step(replaced, 3);
  replaced = random_network(config, 9);
  step.forward_backward(batch.images, batch.labels);
  TrainStep(fresh, 3).forward_backward(batch.images, batch.labels);
  EXPECT_EQ(replaced.first.weight.gradients, fresh.first.weight.gradients);
}

TEST(TrainStep, survives_a_batch_without_any_variance) {
  const NetworkConfig config = small_config();
  Network network = random_network(config, 1);
  const std::vector<float> images(static_cast<std::size_t>(2 * 21 * 21), 1.0f);
  const std::vector<std::int32_t> labels = {0, 1};
  EXPECT_TRUE(std::isfinite(TrainStep(network, 2).forward_backward(images, labels).loss));
  for (const Parameter* parameter : network.parameters())
    for (const float gradient : parameter->gradients) ASSERT_TRUE(std::isfinite(gradient)) << parameter->name;
}

TEST(TrainStep, counts_what_it_got_right) {
  const NetworkConfig config = small_config();
  Network network = random_network(config, 1);
  Batch batch = random_batch(config, 4, 2);
  TrainStep step(network, 4);
  step.forward_backward(batch.images, batch.labels);
  for (std::size_t b = 0; b < 4; ++b) {
    const auto row = step.logits().subspan(5 * b, 5);
    batch.labels[b] = static_cast<std::int32_t>(std::ranges::max_element(row) - row.begin());
  }
  batch.labels[3] = (batch.labels[3] + 1) % 5;
  EXPECT_EQ(step.forward_backward(batch.images, batch.labels).correct, 3);
}

TEST(TrainStep, refuses_wrong_batches_and_labels_in_one_line) {
  const NetworkConfig config = small_config();
  Network network = random_network(config, 1);
  Batch batch = random_batch(config, 3, 2);
  TrainStep step(network, 2);
  EXPECT_THROW(step.forward_backward(batch.images, batch.labels), Error);
  EXPECT_THROW(step.forward_backward({}, {}), Error);
  EXPECT_THROW(step.update_statistics(std::span(batch.images).first(100), 0.1), Error);
  batch = random_batch(config, 2, 2);
  batch.labels[1] = 5;
  EXPECT_THROW(step.forward_backward(batch.images, batch.labels), Error);
  batch.labels[1] = -1;
  EXPECT_THROW(step.forward_backward(batch.images, batch.labels), Error);
  EXPECT_THROW(TrainStep(network, 0), Error);
  EXPECT_THROW(TrainStep(network, 100000), Error);
}

}  // namespace
}  // namespace mudra::train
