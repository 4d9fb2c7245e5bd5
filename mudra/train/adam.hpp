// The Adam optimizer, update for update PyTorch's torch.optim.Adam with its default betas and epsilon.
#pragma once

#include <cstdint>
#include <vector>

#include "mudra/train/parameters.hpp"

namespace mudra::train {

// What a checkpoint must keep to go on bit for bit.
struct AdamState {
  std::int64_t steps = 0;
  std::vector<float> first_moments;   // one after another in the order of learnt_constants()
  std::vector<float> second_moments;  // likewise

  bool operator==(const AdamState&) const = default;
};

class Adam {
 public:
  static constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

  // Fresh moments for networks of this structure. Each layer learns at `layer_decay` times the rate of the
  // next one, the last at the whole rate.
  explicit Adam(const graph::Graph& network, double layer_decay = 1);

  // Moves the values of `network` against the gradients; Kingma and Ba 2015, algorithm 1.
  void step(graph::Graph& network, const Gradients& gradients, double learning_rate);

  const AdamState& state() const { return state_; }

  // Goes on from a saved state. Throws Error when its sizes are another network's.
  void restore(AdamState state);

 private:
  AdamState state_;
  std::vector<float> rates_;  // by learnt_constants(): shares of the learning rate
};

// How many values of the network are learnt.
std::size_t learnt_values(const graph::Graph& network);

}  // namespace mudra::train
