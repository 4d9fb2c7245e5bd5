// The constants of a graph as training sees them: what is learnt, a gradient beside each, and what
// normalisations keep.
#pragma once

#include <cstdint>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::train {

// By TensorIndex, each in the layout of its tensor; empty for what is not learnt.
using Gradients = std::vector<std::vector<float>>;

// The weights, biases, scales and shifts of the nodes, each once, in the order of the graph's tensors.
std::vector<graph::TensorIndex> learnt_constants(const graph::Graph& graph);

// The graph with a copy of its own for each further node that reads a constant: files keep equal ones once.
graph::Graph with_own_constants(graph::Graph graph);

// One learnt array.
struct Parameter {
  const graph::Shape& shape;
  std::vector<float>& values;
  std::vector<float>& gradients;  // of the mean loss over the last batch
};

struct Normalisation {
  Parameter scale, shift;
  std::vector<float>& running_mean;
  std::vector<float>& running_variance;  // unbiased, as PyTorch's
  std::int64_t* batches_tracked;         // nullptr where the graph does not count them
  double epsilon;

  int channels() const { return static_cast<int>(running_mean.size()); }
};

// A convolution without bias and the normalisation behind it.
struct NormalisedConv : Normalisation {
  Parameter weight;
};

// Which constants a normalisation has.
struct NormalisationNode {
  graph::TensorIndex scale, shift, running_mean, running_variance;
  graph::TensorIndex batches_tracked;  // the scalar num_batches_tracked beside `scale`, or -1
  double epsilon;
};

// `node` is a BatchNormalization of the graph.
NormalisationNode normalisation_node(const graph::Graph& graph, const graph::Node& node);

// Of one graph, which must outlive it and keep its structure and address; its values may change.
class Parameters {
 public:
  // Throws Error for a constant that several nodes read.
  explicit Parameters(graph::Graph& graph);

  const graph::Graph& graph() const { return graph_; }
  const Gradients& gradients() const { return gradients_; }

  Parameter at(graph::TensorIndex tensor);
  Normalisation at(const NormalisationNode& node);
  NormalisedConv at(graph::TensorIndex weight, const NormalisationNode& node);

 private:
  graph::Graph& graph_;
  Gradients gradients_;
};

}  // namespace mudra::train
