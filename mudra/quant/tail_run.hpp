// The rest of a float network behind one of its tensors, run fast: to see what a change there does to the
// outputs.
#pragma once

#include <span>
#include <vector>

#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::quant {

class TailRun {
 public:
  // All nodes of `network`, which is lowered, that `from` leads to.
  TailRun(const graph::Graph& network, graph::TensorIndex from, std::size_t max_batch);

  // The network's outputs, [batch, outputs], for `values` in place of the tensor `from`, [batch, size].
  // `unchanged` holds by TensorIndex what the tail reads beside it, of the same batch.
  void run(std::span<const float> values, const std::vector<std::vector<float>>& unchanged,
           std::vector<float>& outputs);

 private:
  TailRun(const graph::Graph& tail, std::size_t max_batch);

  std::vector<graph::TensorIndex> given_;  // what is read beside `from`
  graph::FloatRunner runner_;
};

}  // namespace mudra::quant
