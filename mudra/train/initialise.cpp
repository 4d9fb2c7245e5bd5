#include "mudra/train/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mudra/base/random.hpp"

namespace mudra::train {
namespace {

constexpr std::uint64_t kInitialiseStream = 0x1417;

// Box and Muller, in double.
void fill_normal(std::vector<float>& values, double deviation, Random random) {
  for (float& value : values) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - static_cast<double>(random.uniform())));
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(random.uniform());
    value = static_cast<float>(deviation * radius * std::cos(angle));
  }
}

void reset(NormalisedConv& conv) {
  std::ranges::fill(conv.scale.values, 1.0f);
  std::ranges::fill(conv.shift.values, 0.0f);
  std::ranges::fill(conv.running_mean, 0.0f);
  std::ranges::fill(conv.running_variance, 1.0f);
  conv.batches_tracked = 0;
}

}  // namespace

void initialise(Network& network, std::uint64_t seed) {
  std::uint64_t array = 0;
  for (NormalisedConv* conv : network.convolutions()) {
    // He et al. 2015, gain sqrt(2): deviation = sqrt(2 / fan_out).
    const auto& shape = conv->weight.shape;
    const auto fan_out = static_cast<double>(shape[0] * shape[2] * shape[3]);
    fill_normal(conv->weight.values, std::sqrt(2.0 / fan_out), Random(seed, kInitialiseStream, array++));
    reset(*conv);
  }
  // Glorot and Bengio 2010: deviation = sqrt(2 / (fan_in + fan_out)).
  const auto& shape = network.classifier_weight.shape;
  fill_normal(network.classifier_weight.values, std::sqrt(2.0 / static_cast<double>(shape[0] + shape[1])),
              Random(seed, kInitialiseStream, array));
  std::ranges::fill(network.classifier_bias.values, 0.0f);
}

}  // namespace mudra::train
