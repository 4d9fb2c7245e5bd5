#include "mudra/train/adam.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mudra/base/error.hpp"
#include "mudra/train/schedule.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

Gradients random_gradients(const graph::Graph& network, std::uint64_t seed) {
  Random random(seed);
  Gradients gradients(network.tensors.size());
  for (const graph::TensorIndex i : learnt_constants(network)) {
    auto& of_tensor = gradients[static_cast<std::size_t>(i)];
    of_tensor.resize(float_values(network.tensor(i)).size());
    for (float& gradient : of_tensor) gradient = random.uniform(-1.0f, 1.0f);
  }
  return gradients;
}

TEST(Adam, follows_the_published_algorithm) {
  graph::Graph network = random_network(small_net(), 1);
  Adam adam(network);
  const graph::TensorIndex first = find_tensor(network, "first.0.weight").value();
  double value = float_values(network, first)[5], m = 0, v = 0;
  for (int step = 1; step <= 5; ++step) {
    const Gradients gradients = random_gradients(network, static_cast<std::uint64_t>(step));
    const double gradient = gradients[static_cast<std::size_t>(first)][5];
    m = 0.9 * m + 0.1 * gradient;
    v = 0.999 * v + 0.001 * gradient * gradient;
    value -= 0.01 * (m / (1 - std::pow(0.9, step))) / (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8);
    adam.step(network, gradients, 0.01);
    EXPECT_NEAR(float_values(network, first)[5], value, 1e-6);
  }
}

TEST(Adam, does_not_move_what_has_no_gradient) {
  graph::Graph network = random_network(small_net(), 1);
  const std::vector<float> before = all_values(network);
  Gradients none = random_gradients(network, 1);
  for (auto& gradients : none) std::ranges::fill(gradients, 0.0f);
  Adam(network).step(network, none, 0.01);
  EXPECT_EQ(all_values(network), before);
}

TEST(Adam, layers_in_front_learn_more_slowly) {
  graph::Graph network = random_network(small_net(), 1), slower = network;
  const graph::Graph before = network;
  Gradients gradients = random_gradients(network, 1);
  Adam(network).step(network, gradients, 0.01);
  Adam(slower, 0.5).step(slower, gradients, 0.01);
  const auto share = [&](const char* name) {
    const auto i = find_tensor(before, name).value();
    const double start = float_values(before.tensor(i))[0];
    return (float_values(slower.tensor(i))[0] - start) / (float_values(network.tensor(i))[0] - start);
  };
  EXPECT_NEAR(share("classifier.2.weight"), 1, 1e-3);
  EXPECT_NEAR(share("classifier.2.bias"), 1, 1e-3);
  EXPECT_NEAR(share("first.0.weight"), 1.0 / 128, 1e-3);  // two blocks of three and the classifier behind it
  EXPECT_NEAR(share("first.1.weight"), 1.0 / 128, 1e-3);
}

TEST(Adam, goes_on_from_a_saved_state_bit_for_bit) {
  graph::Graph straight = random_network(small_net(), 1);
  Adam adam(straight);
  adam.step(straight, random_gradients(straight, 1), 0.01);
  graph::Graph resumed = straight;
  Adam other(resumed);
  other.restore(adam.state());
  for (const std::uint64_t seed : {2, 3}) {
    adam.step(straight, random_gradients(straight, seed), 0.01);
    other.step(resumed, random_gradients(resumed, seed), 0.01);
  }
  EXPECT_EQ(all_values(straight), all_values(resumed));
  EXPECT_EQ(adam.state(), other.state());
}

TEST(Adam, refuses_the_state_of_another_network) {
  Adam adam(light_gesture_net(small_net()));
  EXPECT_THROW(adam.restore(Adam(graph::light_gesture_net({})).state()), Error);
}

TEST(CosineAnnealing, falls_from_the_base_through_its_half_to_zero) {
  EXPECT_DOUBLE_EQ(cosine_annealing(0.001, 0, 25), 0.001);
  EXPECT_DOUBLE_EQ(cosine_annealing(0.001, 10, 20), 0.0005);
  EXPECT_NEAR(cosine_annealing(0.001, 25, 25), 0, 1e-18);
  EXPECT_DOUBLE_EQ(cosine_annealing(2, 1, 3), 1 + std::cos(std::numbers::pi / 3));
}

}  // namespace
}  // namespace mudra::train
