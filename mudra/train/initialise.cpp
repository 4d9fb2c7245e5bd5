#include "mudra/train/initialise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mudra/base/random.hpp"
#include "mudra/graph/build.hpp"

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

void fill(graph::Graph& network, graph::TensorIndex tensor, float value) {
  std::ranges::fill(float_values(network, tensor), value);
}

void initialise(graph::Graph& network, const graph::Node& node, Random random) {
  const graph::Shape& shape = network.tensor(node.inputs[1]).shape;
  // He et al. 2015, gain sqrt(2): deviation = sqrt(2 / fan_out).
  // Glorot and Bengio 2010: deviation = sqrt(2 / (fan_in + fan_out)).
  const bool is_conv = std::holds_alternative<graph::Conv>(node.operation);
  const auto fan = static_cast<double>(is_conv ? shape[0] * shape[2] * shape[3] : shape[0] + shape[1]);
  fill_normal(float_values(network, node.inputs[1]), std::sqrt(2.0 / fan), random);
  if (node.inputs.size() > 2) fill(network, node.inputs[2], 0.0f);
}

}  // namespace

void initialise(graph::Graph& network, std::uint64_t seed) {
  std::uint64_t array = 0;
  for (const graph::Node& node : network.nodes) {
    if (std::holds_alternative<graph::Conv>(node.operation) ||
        std::holds_alternative<graph::Gemm>(node.operation)) {
      initialise(network, node, Random(seed, kInitialiseStream, array++));
    } else if (std::holds_alternative<graph::PRelu>(node.operation)) {
      fill(network, node.inputs[1], 0.25f);  // PyTorch's
    } else if (std::holds_alternative<graph::BatchNormalization>(node.operation)) {
      fill(network, node.inputs[1], 1.0f);
      fill(network, node.inputs[2], 0.0f);
      fill(network, node.inputs[3], 0.0f);
      fill(network, node.inputs[4], 1.0f);
    }
  }
  for (graph::Tensor& tensor : network.tensors)  // counters of batches
    if (tensor.is_constant() && tensor.type == graph::Type::kInt64)
      std::ranges::fill(std::get<std::vector<std::int64_t>>(*tensor.values), 0);
}

}  // namespace mudra::train
