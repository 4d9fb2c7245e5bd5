// One batch through the network and back: loss, gradients and running statistics.
//
// The bytes that come out depend on the batch and the weights only: not on the number of threads, and not on
// the vector width among instruction sets with fused multiply-add (AVX2, AVX-512). Older ones round once more
// per multiply-add, so their results differ in the last bits.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "mudra/graph/graph.hpp"
#include "mudra/train/loss.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::train {

// The share of a batch's mean and variance in the running ones; PyTorch's default.
inline constexpr double kStatisticsMomentum = 0.1;

// Works on `network`, a verified float graph that gives one row of scores; it must outlive this and keep its
// address and structure. Holds about 1.1 MB per image of max_batch for LightGestureNet.
class TrainStep {
 public:
  // Throws Error for max_batch outside [1, 4096], and for a network that cannot be trained, naming the node.
  TrainStep(graph::Graph& network, int max_batch);
  TrainStep(TrainStep&&) noexcept;
  ~TrainStep();

  // images: [B, height, width, channels], as graph::PixelValues gives them; labels: [B] in [0, classes).
  // 1 <= B <= max_batch. Leaves the gradients of the mean loss and moves the running statistics by
  // kStatisticsMomentum, the variance unbiased. Weights stay. Throws Error for a label out of range.
  BatchResult forward_backward(std::span<const float> images, std::span<const std::int32_t> labels);

  // The forward half alone: only the running statistics move, as
  // running += momentum * (batch's - running). With momentum 1/1, 1/2, 1/3, ... over successive batches they
  // become the plain average over them (PyTorch's momentum=None).
  void update_statistics(std::span<const float> images, double momentum);

  // Of the last batch.
  const Gradients& gradients() const;

  // [B, classes] of the last batch, normalised with that batch's own statistics.
  std::span<const float> logits() const;

 private:
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace mudra::train
