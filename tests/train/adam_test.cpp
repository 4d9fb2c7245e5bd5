#include "mudra/train/adam.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "mudra/base/error.hpp"
#include "mudra/train/schedule.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

void set_gradients(Network& network, std::uint64_t seed) {
  Random random(seed);
  for (Parameter* parameter : network.parameters())
    for (float& gradient : parameter->gradients) gradient = random.uniform(-1.0f, 1.0f);
}

TEST(Adam, follows_the_published_algorithm) {
  Network network = random_network(small_config(), 1);
  Adam adam(network);
  double value = network.first.weight.values[5], m = 0, v = 0;
  for (int step = 1; step <= 5; ++step) {
    set_gradients(network, static_cast<std::uint64_t>(step));
    const double gradient = network.first.weight.gradients[5];
    m = 0.9 * m + 0.1 * gradient;
    v = 0.999 * v + 0.001 * gradient * gradient;
    value -= 0.01 * (m / (1 - std::pow(0.9, step))) / (std::sqrt(v / (1 - std::pow(0.999, step))) + 1e-8);
    adam.step(network, 0.01);
    EXPECT_NEAR(network.first.weight.values[5], value, 1e-6);
  }
}

TEST(Adam, does_not_move_what_has_no_gradient) {
  Network network = random_network(small_config(), 1);
  const std::vector<float> before = all_values(network);
  Adam(network).step(network, 0.01);
  EXPECT_EQ(all_values(network), before);
}

TEST(Adam, goes_on_from_a_saved_state_bit_for_bit) {
  Network straight = random_network(small_config(), 1);
  Adam adam(straight);
  set_gradients(straight, 1);
  adam.step(straight, 0.01);
  Network resumed = straight;
  Adam other(resumed);
  other.restore(adam.state());
  for (const std::uint64_t seed : {2, 3}) {
    set_gradients(straight, seed);
    set_gradients(resumed, seed);
    adam.step(straight, 0.01);
    other.step(resumed, 0.01);
  }
  EXPECT_EQ(all_values(straight), all_values(resumed));
  EXPECT_EQ(adam.state(), other.state());
}

TEST(Adam, refuses_the_state_of_another_network) {
  Adam adam(Network{small_config()});
  EXPECT_THROW(adam.restore(Adam(Network{NetworkConfig{}}).state()), Error);
}

TEST(CosineAnnealing, falls_from_the_base_through_its_half_to_zero) {
  EXPECT_DOUBLE_EQ(cosine_annealing(0.001, 0, 25), 0.001);
  EXPECT_DOUBLE_EQ(cosine_annealing(0.001, 10, 20), 0.0005);
  EXPECT_NEAR(cosine_annealing(0.001, 25, 25), 0, 1e-18);
  EXPECT_DOUBLE_EQ(cosine_annealing(2, 1, 3), 1 + std::cos(std::numbers::pi / 3));
}

}  // namespace
}  // namespace mudra::train
