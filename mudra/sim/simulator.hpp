// Runs an integer network on the PC exactly as an ESP32-S3 does, node by node.
#pragma once

#include <functional>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/sim/convolution.hpp"

namespace mudra::sim {

// Integers by TensorIndex, row-major in the tensor's own shape; those of constants are empty.
using Activations = std::vector<graph::Values>;

class Simulator {
 public:
  // Throws Error, naming the node, for a graph that is not an integer network of batch size 1, or whose
  // result on the chip is undefined (Gravity::kBroken).
  explicit Simulator(graph::Graph graph, Sums sums = Sums::kFastWhereProved);

  const graph::Graph& graph() const { return graph_; }

  // Every tensor the nodes compute from one input, the input itself in its place. Throws Error for an input
  // of another type or size. Safe from several threads, each with its own `activations`, whose memory is
  // reused.
  void run(const graph::Values& input, Activations& activations) const;
  Activations run(const graph::Values& input) const;

 private:
  graph::Graph graph_;
  std::vector<std::function<void(Activations&)>> steps_;  // by node
};

}  // namespace mudra::sim
