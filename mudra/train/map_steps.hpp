// Steps without products: what activations, sums, pools and new orders do with maps.
#pragma once

#include <cstdint>
#include <vector>

#include "mudra/train/step.hpp"

namespace mudra::train {

// The caller's images as maps.
class LoadStep final : public Step {
 public:
  explicit LoadStep(graph::TensorIndex input) : Step({}, input) {}
  void forward(Tape& tape) override;
  void backward(Tape&) override {}
};

// A Relu or Clip on its own.
class ActivationStep final : public Step {
 public:
  ActivationStep(graph::TensorIndex in, graph::TensorIndex output, graph::kernels::Bounds bounds)
      : Step({in}, output), bounds_(bounds) {}
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  graph::kernels::Bounds bounds_;
};

// Sigmoid, HardSwish, ... of each value.
class FunctionStep final : public Step {
 public:
  FunctionStep(graph::TensorIndex in, graph::TensorIndex output, const graph::Activation& function)
      : Step({in}, output), function_(function) {}
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  graph::Activation function_;
};

// A slope for each channel's values below zero.
class PReluStep final : public Step {
 public:
  PReluStep(const graph::Node& node) : Step({node.inputs[0]}, node.output), slope_(node.inputs[1]) {}
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  graph::TensorIndex slope_;
};

// The second may be one pixel: a factor for each channel.
class MulStep final : public Step {
 public:
  using Step::Step;
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;
};

class AddStep final : public Step {
 public:
  using Step::Step;
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;
};

// The maps' channels one after another.
class ConcatStep final : public Step {
 public:
  using Step::Step;
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;
};

// The largest of what a window sees, or its mean.
class PoolStep final : public Step {
 public:
  enum class Kind { kLargest, kMean, kMeanWithPadding };
  PoolStep(const graph::Graph& graph, const graph::Node& node, const graph::Window& window, Kind kind);
  void forward(Tape& tape) override;
  // The first of equal largest ones takes the gradient.
  void backward(Tape& tape) override;

 private:
  template <class Visit>
  void for_each_window(const Visit& visit) const;
  float mean_factor(std::ptrdiff_t taps) const;

  graph::Window window_;
  Kind kind_;
  MapSize in_size_, out_size_;
};

class GlobalAverageStep final : public Step {
 public:
  GlobalAverageStep(graph::TensorIndex in, graph::TensorIndex output) : Step({in}, output) {}
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;
};

// The values of a map in another order: Flatten, Transpose.
class ReorderStep final : public Step {
 public:
  // from[i]: where output value i, row-major, is in the input.
  ReorderStep(const graph::Graph& graph, const graph::Node& node, const std::vector<std::int64_t>& from);
  void forward(Tape& tape) override;
  void backward(Tape& tape) override;

 private:
  struct Move {
    std::int32_t from, to;  // floats from the start of the maps
  };
  std::vector<Move> moves_;
};

// row-major places in the input of a Transpose's or Flatten's outputs.
std::vector<std::int64_t> order_of(const graph::Graph& graph, const graph::Node& node);

}  // namespace mudra::train
