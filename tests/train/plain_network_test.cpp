// The oracle itself: its analytic gradients against numeric ones, layer by layer and whole.
#include "tests/train/plain_network.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/train/examples.hpp"

namespace mudra::train::plain {
namespace {

Values random_values(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  Values values(count);
  for (double& value : values) value = static_cast<double>(random.uniform(-1.0f, 1.0f));
  return values;
}

Maps random_maps(int images, int channels, int side) {
  Maps maps(images, channels, side);
  maps.values = random_values(maps.values.size(), 1);
  return maps;
}

// A loss whose gradient by `maps` is the weights: sum of values times random weights.
double weighted_sum(const Maps& maps) {
  const Values weights = random_values(maps.values.size(), 7);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * maps.values[i];
  return sum;
}
Maps weights_of_sum(const Maps& maps) {
  Maps gradient = maps;
  gradient.values = random_values(maps.values.size(), 7);
  return gradient;
}

// Central differences of loss() by every value, in place. Their own error is about step^2 of the third
// derivative and 1e-16 / step: 1e-8 either way.
void expect_numeric(Values& values, const Values& gradients, const std::function<double()>& loss) {
  constexpr double kStep = 1e-5;
  ASSERT_EQ(values.size(), gradients.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    values[i] = value + kStep;
    const double above = loss();
    values[i] = value - kStep;
    const double below = loss();
    values[i] = value;
    ASSERT_NEAR(gradients[i], (above - below) / (2 * kStep), 1e-7 * (1 + std::abs(gradients[i]))) << i;
  }
}

TEST(PlainConv, gradients_are_the_numeric_ones) {
  const Conv convs[] = {{3, 3, 2, 1}, {4, 1, 1, 1}, {4, 3, 1, 4}, {4, 3, 2, 4}};  // dense, 1x1, depthwise
  for (const Conv& conv : convs) {
    for (const int side : {5, 6}) {
      Maps in = random_maps(2, 4, side);
      Values weights = random_values(
          static_cast<std::size_t>(conv.out_channels * 4 / conv.groups * conv.kernel * conv.kernel), 2);
      const auto loss = [&] { return weighted_sum(conv.forward(in, weights)); };
      Values weight_gradients;
      const Maps in_gradient =
          conv.backward(in, weights, weights_of_sum(conv.forward(in, weights)), weight_gradients);
      expect_numeric(weights, weight_gradients, loss);
      expect_numeric(in.values, in_gradient.values, loss);
    }
  }
}

TEST(PlainNorm, gradients_in_training_mode_are_the_numeric_ones) {
  Maps in = random_maps(3, 2, 3);
  Values scale = random_values(2, 3), shift = random_values(2, 4);
  Norm norm;
  const auto loss = [&] { return weighted_sum(norm.forward(in, scale, shift)); };
  Values scale_gradients, shift_gradients;
  const Maps gradient = weights_of_sum(norm.forward(in, scale, shift));
  const Maps in_gradient = norm.backward(in, scale, gradient, scale_gradients, shift_gradients);
  expect_numeric(scale, scale_gradients, loss);
  expect_numeric(shift, shift_gradients, loss);
  expect_numeric(in.values, in_gradient.values, loss);
}

TEST(PlainActivation, gradients_are_the_numeric_ones_for_relu6_and_relu) {
  for (const double limit : {6.0, static_cast<double>(INFINITY)}) {
    Maps in = random_maps(2, 3, 4);
    for (double& value : in.values) value *= 10;
    const Maps in_gradient = activate_backward(in, limit, weights_of_sum(in));
    expect_numeric(in.values, in_gradient.values, [&] { return weighted_sum(activate(in, limit)); });
  }
}

TEST(PlainCrossEntropy, gradients_are_the_numeric_ones) {
  Values logits = random_values(12, 1), gradients;
  const std::vector<std::int32_t> labels = {2, 0, 3};
  cross_entropy(logits, labels, gradients);
  Values unused;
  expect_numeric(logits, gradients, [&] { return cross_entropy(logits, labels, unused); });
}

// Through the whole network an activation may switch within the step; so few do that a wrong gradient cannot
// hide.
TEST(PlainNetwork, gradients_are_the_numeric_ones_end_to_end) {
  const NetworkConfig config{
      .classes = 3, .first_channels = 8, .expansion = 2, .blocks = {{8, 1}, {16, 2}}, .image_side = 9};
  PlainNetwork network(random_network(config, 1));
  const Batch batch = random_batch(config, 2, 2);
  network.forward(batch.images, batch.labels);
  network.backward();
  const auto gradients = network.gradients;
  constexpr double kStep = 1e-6;
  int checked = 0, wrong = 0;
  for (std::size_t i = 0; i < network.parameters.size(); ++i) {
    for (std::size_t j = 0; j < network.parameters[i].size(); j += 3, ++checked) {
      double& value = network.parameters[i][j];
      const double kept = value;
      value = kept + kStep;
      network.forward(batch.images, batch.labels);
      const double above = network.loss;
      value = kept - kStep;
      network.forward(batch.images, batch.labels);
      const double numeric = (above - network.loss) / (2 * kStep);
      value = kept;
      if (std::abs(numeric - gradients[i][j]) > 1e-6 * (1 + std::abs(numeric))) ++wrong;
    }
  }
  EXPECT_GT(checked, 200);
  EXPECT_LE(wrong, checked / 50);
}

}  // namespace
}  // namespace mudra::train::plain
