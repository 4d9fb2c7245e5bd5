// Runs a float graph fast, for thousands of images: channels innermost, SIMD chosen when the program starts,
// activations and shortcuts taken into the convolutions, whole inverted residuals row by row.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// Keeps its own copy of the weights.
class FloatRunner {
 public:
  // Sees a part of what a tensor holds for one image: [values.size()], every value once, in any order. Called
  // by several threads at a time.
  using Watch = std::function<void(TensorIndex tensor, std::span<const float> values)>;

  struct Options {
    int max_batch = 1;              // 1 to 4096
    std::vector<TensorIndex> keep;  // tensors to be had from kept() after a run; they cost some fusion
    // Of a part of a network: tensors beside the input that no node writes, set by give() before each run.
    std::vector<TensorIndex> given{};
    std::vector<TensorIndex> watched{};  // tensors to be shown by run(), the input or what a node writes
  };

  // The graph must be verified and float, its batch size 1 and its normalisations folded. Throws Error for an
  // operation it does not know, naming the node.
  explicit FloatRunner(const Graph& graph) : FloatRunner(graph, Options{}) {}
  FloatRunner(const Graph& graph, const Options& options);
  FloatRunner(FloatRunner&&) noexcept;
  FloatRunner& operator=(FloatRunner&&) noexcept;
  ~FloatRunner();

  // inputs: [B, input's size], outputs: [B, output's size], 1 <= B <= max_batch. Images are shared among the
  // threads; an image's result does not depend on the rest of its batch. `watch` sees the tensors watched
  // while they are at hand, those inside of an inverted residual too. Throws Error for other sizes.
  void run(std::span<const float> inputs, std::span<float> outputs, const Watch& watch = {});

  // [B, tensor's size] for the next run, in the caller's memory; `tensor` is one of Options::given.
  void give(TensorIndex tensor, std::span<const float> values);

  // [B, tensor's size] of the last run; `tensor` is one of Options::keep.
  std::span<const float> kept(TensorIndex tensor) const;

  std::size_t input_size() const;  // of one image
  std::size_t output_size() const;

 private:
  struct Plan;
  std::unique_ptr<Plan> plan_;
};

}  // namespace mudra::graph
