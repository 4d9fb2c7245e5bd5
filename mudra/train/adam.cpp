#include "mudra/train/adam.hpp"

#include <cassert>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"

namespace mudra::train {

namespace {

// By learnt constant, decay to the power of how many layers with weights come behind its own.
std::vector<float> layer_rates(const graph::Graph& network, double decay) {
  int layer = 0;
  std::vector<int> layer_of(network.tensors.size());
  for (const graph::Node& node : network.nodes) {
    if (std::holds_alternative<graph::Conv>(node.operation) ||
        std::holds_alternative<graph::Gemm>(node.operation))
      ++layer;
    for (const graph::TensorIndex input : node.inputs) layer_of[static_cast<std::size_t>(input)] = layer;
  }
  std::vector<float> rates;
  for (const graph::TensorIndex i : learnt_constants(network))
    rates.push_back(static_cast<float>(std::pow(decay, layer - layer_of[static_cast<std::size_t>(i)])));
  return rates;
}

}  // namespace

std::size_t learnt_values(const graph::Graph& network) {
  std::size_t count = 0;
  for (const graph::TensorIndex i : learnt_constants(network))
    count += float_values(network.tensor(i)).size();
  return count;
}

Adam::Adam(const graph::Graph& network, double layer_decay) : rates_(layer_rates(network, layer_decay)) {
  state_.first_moments.resize(learnt_values(network));
  state_.second_moments.resize(learnt_values(network));
}

void Adam::step(graph::Graph& network, const Gradients& gradients, double learning_rate) {
  assert(state_.first_moments.size() == learnt_values(network));
  ++state_.steps;
  const auto steps = static_cast<double>(state_.steps);
  const double correction1 = 1.0 - std::pow(kBeta1, steps), correction2 = 1.0 - std::pow(kBeta2, steps);
  // PyTorch takes these in double and works on the arrays in float.
  const auto step_size = static_cast<float>(learning_rate / correction1);
  const auto root_correction = static_cast<float>(std::sqrt(correction2));
  const auto beta1 = static_cast<float>(kBeta1), rest1 = static_cast<float>(1.0 - kBeta1);
  const auto beta2 = static_cast<float>(kBeta2), rest2 = static_cast<float>(1.0 - kBeta2);
  const auto epsilon = static_cast<float>(kEpsilon);
  float* m = state_.first_moments.data();
  float* v = state_.second_moments.data();
  const float* rate = rates_.data();
  for (const graph::TensorIndex tensor : learnt_constants(network)) {
    const std::vector<float>& gradient = gradients[static_cast<std::size_t>(tensor)];
    const std::size_t size = gradient.size();
    float* value = float_values(network, tensor).data();
    const float size_of_step = step_size * *rate++;
    for (std::size_t i = 0; i < size; ++i) {
      m[i] = beta1 * m[i] + rest1 * gradient[i];
      v[i] = beta2 * v[i] + rest2 * gradient[i] * gradient[i];
      value[i] -= size_of_step * (m[i] / (std::sqrt(v[i]) / root_correction + epsilon));
    }
    m += size;
    v += size;
  }
}

void Adam::restore(AdamState state) {
  if (state.first_moments.size() != state_.first_moments.size() ||
      state.second_moments.size() != state_.second_moments.size() || state.steps < 0)
    fail("the optimizer's state is that of another network");
  state_ = std::move(state);
}

}  // namespace mudra::train
