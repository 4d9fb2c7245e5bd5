// Training's inverted residual: forward with batch statistics, and back.
#pragma once

#include "mudra/train/batch_map.hpp"
#include "mudra/train/batch_work.hpp"
#include "mudra/train/folded_product.hpp"
#include "mudra/train/kernels/inverted_residual.hpp"

namespace mudra::train {

class BlockLayer {
 public:
  BlockLayer(const InvertedResidual& block, int side, float activation_limit, int max_batch);

  const kernels::BlockShape& shape() const { return shape_; }
  const BatchMap& out() const { return out_; }

  // `moments` are those of `in`. Computes out() and moves the running statistics.
  void forward(InvertedResidual& block, BatchWork& batch, const BatchMap& in, Moments moments,
               double momentum);

  // From the gradient by out(): the block's gradients, and the gradient by `in`. Once after each forward().
  void backward(InvertedResidual& block, BatchWork& batch, const BatchMap& in, const BatchMap& out_gradient,
                BatchMap& in_gradient);

 private:
  void pack_weights(const InvertedResidual& block);
  kernels::BlockWeights weights() const { return {expand_.weights(), expand_.bias(), taps_.data()}; }
  void backward_projection(InvertedResidual& block, BatchWork& batch, const BatchMap& out_gradient);
  kernels::NormalisationGradient backward_hidden_norm(InvertedResidual& block, BatchWork& batch);
  void backward_middle(InvertedResidual& block, BatchWork& batch, const BatchMap& in,
                       const kernels::NormalisationGradient& hidden_gradient, BatchMap& in_gradient);

  kernels::BlockShape shape_;
  float limit_;
  BatchMap hidden_;     // behind the depthwise convolution, before its normalisation
  BatchMap projected_;  // before its normalisation; on the way back the gradient by it
  BatchMap out_;
  FoldedProduct expand_;
  BatchNorm hidden_norm_, project_norm_;
  AlignedBuffer taps_;                // [9, padded(hidden)]
  AlignedBuffer project_;             // [padded(hidden), padded(out)]
  AlignedBuffer project_transposed_;  // [out, padded(hidden)]
};

}  // namespace mudra::train
