// Writing down a network layer by layer, from input to output: what the built-in networks are made with.
#pragma once

#include <string>
#include <vector>

#include "mudra/graph/build.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::graph {

inline constexpr double kNormalisationEpsilon = 1e-5;  // PyTorch's default in BatchNorm

// Each call adds nodes behind the last one. Constants are called as PyTorch calls them in a state_dict and
// come in its order; weights are 0, normalisations the identity. Convolutions given a kernel's side are
// padded to keep the size where the stride is 1. A shape that does not fit throws Error naming the node.
class Layers {
 public:
  struct Picture {
    int height, width, channels;
  };
  Layers(std::string name, Picture input);

  TensorIndex at() const { return at_; }
  int channels() const { return static_cast<int>(graph_.tensor(at_).shape.back()); }

  // An operation that reads the last tensor alone.
  void add(const std::string& name, Operation operation) { add_node(name, std::move(operation), {at_}); }

  // The weight is `name`.weight, the bias `name`.bias.
  void conv(const std::string& name, int out_channels, int kernel, int stride = 1) {
    conv(name, out_channels, same_window(kernel, stride));
  }
  void conv(const std::string& name, int out_channels, const Window& window);
  void depthwise(const std::string& name, const Window& window);
  void gemm(const std::string& name, int out_features);

  // Constants `name`.weight, .bias, .running_mean, .running_var, .num_batches_tracked.
  void normalisation(const std::string& name);

  // Without a bias, the normalisation behind it: elements `index` and `index` + 1 of the sequence `prefix`.
  void conv_and_normalisation(const std::string& prefix, int index, int out_channels, int kernel,
                              int stride = 1);
  void depthwise_and_normalisation(const std::string& prefix, int index, int kernel, int stride);

  // Of a map, in PyTorch's order: channel by channel.
  void flatten(const std::string& name) {
    add(name + ".chw", Transpose{{0, 3, 1, 2}});
    add(name, Flatten{});
  }

  // A slope for each channel, `name`.weight.
  void prelu(const std::string& name);
  // The last tensor times `factor`.
  void multiply(const std::string& name, TensorIndex factor) { add_node(name, Mul{}, {at_, factor}); }

  // Their channels one after another.
  void concat(const std::string& name, std::vector<TensorIndex> from) {
    add_node(name, Concat{}, std::move(from));
  }

  // From here on behind `tensor`.
  void go_to(TensorIndex tensor) { at_ = tensor; }

  // Adds `from` where it has the last tensor's shape; else nothing.
  void add_shortcut(const std::string& name, TensorIndex from);

  // The graph, verified; its output is called "output".
  Graph finish();

 private:
  static Window same_window(int kernel, int stride);
  void add_node(const std::string& name, Operation operation, std::vector<TensorIndex> inputs);
  TensorIndex constant(const std::string& name, Shape shape, Layout layout, float value = 0);
  void add_conv(const std::string& name, Shape weight, const Conv& conv, bool has_bias);

  Graph graph_;
  TensorIndex at_ = 0;
};

}  // namespace mudra::graph
