#include "mudra/train/train_step.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/graph/layers.hpp"
#include "mudra/train/adam.hpp"
#include "tests/instruction_sets.hpp"
#include "tests/refusal.hpp"
#include "tests/train/examples.hpp"
#include "tests/train/plain_run.hpp"

namespace mudra::train {
namespace {

using graph::LightGestureNet;

struct Case {
  const char* name;
  graph::Graph network;
  int batch;
};

double length_of(const std::vector<float>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

// The loss's slope along random signs of all values of a constant: its gradient times those signs.
double numeric_slope(PlainRun& plain, const Batch& batch, graph::TensorIndex tensor, std::uint64_t seed) {
  constexpr double kStep = 1e-7;
  PlainRun::Values& values = plain.constants.at(tensor);
  const PlainRun::Values kept = values;
  const auto loss_at = [&](double step) {
    Random random(seed);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = kept[i] + (random.below(2) == 0 ? -step : step);
    return plain.loss(batch.images, batch.labels);
  };
  const double above = loss_at(kStep), slope = (above - loss_at(-kStep)) / (2 * kStep);
  values = kept;
  return slope;
}

double slope_of(const std::vector<float>& gradients, std::uint64_t seed) {
  Random random(seed);
  double slope = 0;
  for (const double gradient : gradients) slope += random.below(2) == 0 ? -gradient : gradient;
  return slope;
}

class TrainStepAgainstPlainRun : public testing::TestWithParam<Case> {};

// Float sums of some thousand terms are good to about 1e-7 of their size, and the layers add up.
TEST_P(TrainStepAgainstPlainRun, has_its_loss_logits_slopes_and_statistics) {
  const Case& example = GetParam();
  graph::Graph network = random_network(example.network, 3);
  const graph::Graph before = network;
  const Batch batch = random_batch(network, example.batch, 4);
  PlainRun plain(before);
  const double loss = plain.loss(batch.images, batch.labels);

  TrainStep step(network, example.batch + 1);
  EXPECT_NEAR(step.forward_backward(batch.images, batch.labels).loss, loss, 1e-5 * loss);
  ASSERT_EQ(step.logits().size(), plain.logits.size());
  for (std::size_t i = 0; i < plain.logits.size(); ++i)
    EXPECT_NEAR(static_cast<double>(step.logits()[i]), plain.logits[i], 1e-4);

  for (const graph::Node& node : network.nodes) {
    if (!std::holds_alternative<graph::BatchNormalization>(node.operation)) continue;
    const auto& [count, mean, variance] = plain.statistics.at(node.name);
    for (std::size_t c = 0; c < mean.size(); ++c) {
      EXPECT_NEAR(float_values(network.tensor(node.inputs[3]))[c], 0.1 * mean[c],
                  1e-5 * (1 + std::abs(mean[c])));
      const double running = 0.9 + 0.1 * variance[c] * count / (count - 1);
      EXPECT_NEAR(float_values(network.tensor(node.inputs[4]))[c], running, 1e-5 * running);
    }
  }

  double overall = 0;
  for (const std::vector<float>& gradients : step.gradients())
    overall = std::max(overall, length_of(gradients));
  ASSERT_GT(overall, 0.01);
  for (const graph::TensorIndex tensor : learnt_constants(network))
    for (const std::uint64_t seed : {1, 2}) {
      const std::vector<float>& gradients = step.gradients()[static_cast<std::size_t>(tensor)];
      // Some gradients are 0 in exact arithmetic: a shift in front of another normalisation.
      EXPECT_NEAR(slope_of(gradients, seed), numeric_slope(plain, batch, tensor, seed),
                  1e-4 * length_of(gradients) + 3e-6 * overall)
          << network.tensor(tensor).name;
    }
}

graph::Graph net(const LightGestureNet& config) { return light_gesture_net(config); }

// Convolutions of every kind of window, without and with normalisations, to fully connected layers.
graph::Graph windows_net() {
  graph::Layers layers("windows", {17, 13, 2});
  layers.conv("a", 20, 5, 2);
  layers.add("a.relu", graph::Relu{});
  layers.conv_and_normalisation("b", 0, 24, 3);
  layers.add("b.clip", graph::Clip{0, 6});
  layers.depthwise_and_normalisation("c", 0, 5, 2);
  layers.add("c.relu", graph::Relu{});
  layers.conv("d", 9, 1);
  layers.add("d.clip", graph::Clip{-0.5f, 1});
  layers.add("flatten", graph::Flatten{});
  layers.gemm("hidden", 21);
  layers.add("hidden.relu", graph::Relu{});
  layers.gemm("scores", 4);
  return layers.finish();
}

// A Conv of an uneven window and pads as the first; a normalisation of maps and one of features on their own.
graph::Graph uneven_net() {
  graph::Layers layers("uneven", {9, 12, 1});
  layers.add("load", graph::Clip{0.1f, 0.8f});
  layers.conv("a", 6,
              {.kernel_h = 3,
               .kernel_w = 4,
               .stride_h = 2,
               .stride_w = 1,
               .pad_top = 0,
               .pad_left = 2,
               .pad_bottom = 2,
               .pad_right = 0});
  layers.normalisation("norm");
  layers.add("relu", graph::Relu{});
  layers.depthwise("b", {.kernel_h = 2,
                         .kernel_w = 3,
                         .stride_h = 1,
                         .stride_w = 2,
                         .pad_top = 1,
                         .pad_left = 0,
                         .pad_bottom = 0,
                         .pad_right = 1});
  layers.add("chw", graph::Transpose{{0, 3, 1, 2}});
  layers.add("flatten", graph::Flatten{});
  layers.gemm("hidden", 10);
  layers.normalisation("hidden_norm");
  layers.add("hidden.relu", graph::Relu{});
  layers.gemm("scores", 3);
  return layers.finish();
}

// Maps with two and three readers, added again: the blocks of a ResNet, and an inverted residual whose input
// is read elsewhere too.
graph::Graph branching_net() {
  graph::Layers layers("branching", {14, 14, 1});
  layers.conv_and_normalisation("first", 0, 16, 3, 2);
  layers.add("first.relu", graph::Relu{});
  const graph::TensorIndex start = layers.at();
  layers.conv_and_normalisation("a", 0, 16, 3);
  layers.add("a.relu", graph::Relu{});
  layers.conv_and_normalisation("b", 0, 16, 3);
  layers.add_shortcut("b.add", start);
  layers.add("b.relu", graph::Relu{});
  const graph::TensorIndex middle = layers.at();
  layers.conv_and_normalisation("block", 0, 48, 1);
  layers.add("block.2", graph::Relu{});
  layers.depthwise_and_normalisation("block", 3, 3, 1);
  layers.add("block.5", graph::Relu{});
  layers.conv_and_normalisation("block", 6, 16, 1);
  layers.add_shortcut("block.add", middle);
  layers.add_shortcut("again", middle);
  layers.add_shortcut("twice", layers.at());
  layers.add_shortcut("start", start);
  layers.add("pool", graph::GlobalAveragePool{});
  layers.add("flatten", graph::Flatten{});
  layers.gemm("scores", 4);
  return layers.finish();
}

// Pools of every kind, and branches side by side: an inception, behind a transposed Flatten two Gemms.
graph::Graph pooling_net() {
  graph::Layers layers("pooling", {15, 12, 1});
  layers.conv("first", 10, 3);
  layers.add("first.relu", graph::Relu{});
  layers.add("first.pool", graph::MaxPool{{3, 3, 2, 2, 1, 1, 1, 0}});
  const graph::TensorIndex from = layers.at();
  layers.conv_and_normalisation("a", 0, 7, 1);
  layers.add("a.relu", graph::Relu{});
  const graph::TensorIndex a = layers.at();
  layers.go_to(from);
  layers.conv("b", 20, 3);
  layers.add("b.relu", graph::Relu{});
  const graph::TensorIndex b = layers.at();
  layers.go_to(from);
  layers.add("c.pool", graph::MaxPool{{3, 3, 1, 1, 1, 1, 1, 1}});
  layers.conv("c", 5, 1);
  layers.concat("concat", {a, b, layers.at(), from});
  layers.add("mean", graph::AveragePool{{3, 2, 2, 1, 1, 1, 1, 0}, true});
  layers.add("mean.inside", graph::AveragePool{{2, 3, 1, 2, 1, 1, 0, 1}, false});
  layers.add("chw", graph::Transpose{{0, 3, 1, 2}});
  layers.add("flatten", graph::Flatten{});
  layers.gemm("hidden", 19);
  layers.add("hidden.relu", graph::Relu{});
  layers.gemm("scores", 5);
  return layers.finish();
}

// Every function, squeeze and excite, and a product of maps.
graph::Graph functions_net() {
  using graph::Activation, graph::Function;
  graph::Layers layers("functions", {9, 10, 1});
  layers.conv_and_normalisation("first", 0, 12, 3, 2);
  layers.add("hard_swish", Activation{Function::kHardSwish});
  const graph::TensorIndex map = layers.at();
  layers.add("squeeze", graph::GlobalAveragePool{});
  layers.conv("squeeze.fc", 5, 1);
  layers.add("swish", Activation{Function::kSwish});
  layers.conv("excite.fc", 12, 1);
  layers.add("hard_sigmoid", Activation{Function::kHardSigmoid, 1.0f / 6, 0.5f});
  const graph::TensorIndex factors = layers.at();
  layers.go_to(map);
  layers.multiply("excite", factors);
  layers.conv("elu.conv", 7, 3);
  layers.add("elu", Activation{Function::kElu, 0.7f});
  const graph::TensorIndex left = layers.at();
  layers.conv("tanh.conv", 7, 1);
  layers.add("tanh", Activation{Function::kTanh});
  layers.multiply("product", left);
  layers.prelu("prelu");
  layers.depthwise_and_normalisation("dw", 0, 3, 1);
  layers.add("leaky", Activation{Function::kLeakyRelu, 0.1f});
  layers.add("pool", graph::GlobalAveragePool{});
  layers.add("flatten", graph::Flatten{});
  layers.gemm("hidden", 6);
  layers.add("sigmoid", Activation{Function::kSigmoid});
  layers.gemm("scores", 3);
  return layers.finish();
}

INSTANTIATE_TEST_SUITE_P(
    Networks, TrainStepAgainstPlainRun,
    testing::Values(
        Case{"narrow", net(small_net()), 3},
        Case{"one_image",
             net({.classes = 3, .first_channels = 8, .expansion = 2, .blocks = {{8, 1}}, .image_side = 12}),
             1},
        Case{"relu",
             net({.classes = 4,
                  .first_channels = 16,
                  .expansion = 6,
                  .blocks = {{24, 2}, {24, 1}, {24, 2}},
                  .activation = graph::ActivationKind::kRelu,
                  .image_side = 30}),
             3},
        Case{"widening_at_stride_one",
             net({.classes = 4,
                  .first_channels = 8,
                  .expansion = 3,
                  .blocks = {{24, 1}, {40, 1}},
                  .image_side = 9}),
             2},
        Case{"wide_and_one_pixel",
             net({.classes = 3, .first_channels = 8, .expansion = 2, .blocks = {{1024, 2}}, .image_side = 3}),
             5},
        Case{"light_gesture_net", net({.image_side = 20}), 3}, Case{"windows", windows_net(), 3},
        Case{"uneven", uneven_net(), 4}, Case{"branching", branching_net(), 3},
        Case{"pooling", pooling_net(), 3}, Case{"functions", functions_net(), 3}),
    [](const auto& parameters) { return std::string(parameters.param.name); });

TEST(TrainStep, update_statistics_moves_nothing_else_and_averages_with_falling_momentum) {
  graph::Graph network = random_network(small_net(), 1);
  const graph::Graph before = network;
  TrainStep step(network, 3);
  std::vector<double> mean(8);
  for (int i = 0; i < 3; ++i) {
    const Batch batch = random_batch(network, 3, static_cast<std::uint64_t>(i));
    PlainRun plain(network);
    plain.loss(batch.images, batch.labels);
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += plain.statistics.at("first.1").mean[c] / 3;
    step.update_statistics(batch.images, 1.0 / (i + 1));
  }
  for (std::size_t c = 0; c < mean.size(); ++c)
    EXPECT_NEAR(constant(network, "first.1.running_mean")[c], mean[c], 1e-6);
  const graph::TensorIndex counter = find_tensor(network, "first.1.num_batches_tracked").value();
  EXPECT_EQ(network.tensor(counter).values, graph::Values(std::vector<std::int64_t>{3}));
  EXPECT_EQ(all_values(network), all_values(before));
  for (const auto& gradients : step.gradients()) EXPECT_THAT(gradients, testing::Each(0.0f));
}

// The bytes of everything a few steps change.
std::vector<float> after_training(const graph::Graph& structure, int batch_size) {
  graph::Graph network = random_network(structure, 5);
  TrainStep step(network, batch_size);
  Adam adam(network);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Batch batch = random_batch(network, batch_size, i);
    step.forward_backward(batch.images, batch.labels);
    adam.step(network, step.gradients(), 1e-2);
  }
  std::vector<float> values;
  for (const graph::Tensor& tensor : network.tensors)
    if (tensor.is_constant() && tensor.type == graph::Type::kFloat32)
      values.insert(values.end(), float_values(tensor).begin(), float_values(tensor).end());
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
  for (const graph::Graph& network :
       {net(small_net()), windows_net(), uneven_net(), branching_net(), pooling_net(), functions_net()}) {
    std::vector<float> with_one;
    for (const int count : {1, 2, 4}) {
      const Threads threads(count);
      const std::vector<float> values = after_training(network, 7);
      if (count == 1)
        with_one = values;
      else
        EXPECT_TRUE(same_bytes(values, with_one)) << network.name << ", " << count << " threads";
    }
  }
}

TEST(TrainStep, survives_more_threads_than_it_was_made_with) {
  graph::Graph network = random_network(small_net(), 1);
  const Batch batch = random_batch(network, 8, 2);
  TrainStep step(network, 8);
  for (const int count : {1, 4}) {
    const Threads threads(count);
    EXPECT_GT(step.forward_backward(batch.images, batch.labels).loss, 0);
  }
}

TEST(TrainStep, gives_the_same_bytes_on_every_instruction_set_with_fused_multiply_add) {
  for (const graph::Graph& network : {net({.image_side = 32}), windows_net(), uneven_net(), branching_net(),
                                      pooling_net(), functions_net()}) {
    std::vector<float> first;
    for (const InstructionSet& set : instruction_sets()) {
      if (!set.has_fma) continue;
      const UseInstructionSet use(set);
      const std::vector<float> values = after_training(network, 4);
      if (first.empty())
        first = values;
      else
        EXPECT_TRUE(same_bytes(values, first)) << network.name << ' ' << set.name;
    }
  }
}

TEST(TrainStep, gives_close_gradients_on_every_other_instruction_set) {
  for (const graph::Graph& structure : {net(small_net()), windows_net()}) {
    graph::Graph expected = random_network(structure, 1);
    const Batch batch = random_batch(expected, 3, 2);
    TrainStep expected_step(expected, 3);
    expected_step.forward_backward(batch.images, batch.labels);
    for (const InstructionSet& set : instruction_sets()) {
      const UseInstructionSet use(set);
      graph::Graph network = random_network(structure, 1);
      TrainStep step(network, 3);
      step.forward_backward(batch.images, batch.labels);
      for (std::size_t i = 0; i < step.gradients().size(); ++i)
        for (std::size_t j = 0; j < step.gradients()[i].size(); ++j)
          ASSERT_NEAR(step.gradients()[i][j], expected_step.gradients()[i][j], 1e-5f)
              << set.name << ' ' << network.tensors[i].name;
    }
  }
}

Gradients gradients_of(graph::Graph network, const Batch& batch) {
  TrainStep step(network, static_cast<int>(batch.labels.size()));
  step.forward_backward(batch.images, batch.labels);
  return step.gradients();
}

TEST(TrainStep, does_not_depend_on_earlier_and_larger_batches) {
  for (const graph::Graph& structure :
       {net(small_net()), windows_net(), uneven_net(), branching_net(), pooling_net(), functions_net()}) {
    graph::Graph used = random_network(structure, 1);
    const Batch large = random_batch(used, 6, 1), small = random_batch(used, 3, 2);
    TrainStep step(used, 6);
    step.forward_backward(large.images, large.labels);
    step.forward_backward(small.images, small.labels);
    EXPECT_EQ(step.gradients(), gradients_of(random_network(structure, 1), small)) << structure.name;
  }
}

TEST(TrainStep, goes_on_when_its_network_is_replaced_by_another_value) {
  graph::Graph replaced = random_network(small_net(), 1);
  const Batch batch = random_batch(replaced, 3, 2);
  TrainStep step(replaced, 3);
  replaced = random_network(small_net(), 9);
  step.forward_backward(batch.images, batch.labels);
  EXPECT_EQ(step.gradients(), gradients_of(random_network(small_net(), 9), batch));
}

TEST(TrainStep, survives_a_batch_without_any_variance) {
  graph::Graph network = random_network(small_net(), 1);
  const std::vector<float> images(static_cast<std::size_t>(2 * 21 * 21), 1.0f);
  const std::vector<std::int32_t> labels = {0, 1};
  TrainStep step(network, 2);
  EXPECT_TRUE(std::isfinite(step.forward_backward(images, labels).loss));
  for (const auto& gradients : step.gradients())
    for (const float gradient : gradients) ASSERT_TRUE(std::isfinite(gradient));
}

TEST(TrainStep, counts_what_it_got_right) {
  graph::Graph network = random_network(small_net(), 1);
  Batch batch = random_batch(network, 4, 2);
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
  graph::Graph network = random_network(small_net(), 1);
  Batch batch = random_batch(network, 3, 2);
  TrainStep step(network, 2);
  EXPECT_THROW(step.forward_backward(batch.images, batch.labels), Error);
  EXPECT_THROW(step.forward_backward({}, {}), Error);
  EXPECT_THROW(step.update_statistics(std::span(batch.images).first(100), 0.1), Error);
  batch = random_batch(network, 2, 2);
  batch.labels[1] = 5;
  EXPECT_THROW(step.forward_backward(batch.images, batch.labels), Error);
  batch.labels[1] = -1;
  EXPECT_THROW(step.forward_backward(batch.images, batch.labels), Error);
  EXPECT_THROW(TrainStep(network, 0), Error);
  EXPECT_THROW(TrainStep(network, 100000), Error);
}

TEST(TrainStep, refuses_what_it_cannot_train_by_node_and_operation) {
  graph::Layers layers("turned", {6, 6, 2});
  layers.add("turn", graph::Transpose{{1, 0, 2, 3}});
  graph::Graph network = layers.finish();
  EXPECT_THAT(refusal([&] { TrainStep(network, 2); }),
              testing::HasSubstr("node 'turn': Transpose cannot be"));

  graph::Graph shared = windows_net();
  for (graph::Node& node : shared.nodes)
    if (node.name == "b.1") node.inputs[1] = node.inputs[4];
  EXPECT_EQ(refusal([&] { TrainStep(shared, 2); }),
            "several nodes share 'b.1.running_var'; give each its own to train them");
}

}  // namespace
}  // namespace mudra::train
