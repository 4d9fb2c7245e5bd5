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

  // `moments` are those of `in`. Settles the normalisations and moves the running statistics.
  void forward(InvertedResidual& block, BatchWork& batch, const BatchMap& in, Moments moments,
               double momentum);

  // Computes out() of one image. After forward().
  float* compute_out(const BatchMap& in, int image);

  // From the gradient by out(): the block's gradients, and the gradient by `in` but for its last step. Once
  // after each forward() and compute_out(); out_gradient_of fills `out_gradient`.
  void backward(InvertedResidual& block, BatchWork& batch, const BatchMap& in, const MapOf& out_gradient_of,
                const BatchMap& out_gradient, BatchMap& in_gradient);

  // That last step for one image.
  float* complete_in_gradient(const BatchMap& in, const BatchMap& out_gradient, BatchMap& in_gradient,
                              int image) const;

 private:
  void pack_weights(const InvertedResidual& block);
  kernels::BlockWeights weights() const { return {expand_.weights(), expand_.bias(), taps_.data()}; }
  kernels::NormalisationGradient backward_project_norm(InvertedResidual& block, BatchWork& batch,
                                                       const MapOf& out_gradient_of);
  kernels::NormalisationGradient backward_projection(InvertedResidual& block, BatchWork& batch,
                                                     const kernels::NormalisationGradient& project_gradient,
                                                     const BatchMap& out_gradient);
  void backward_middle(InvertedResidual& block, BatchWork& batch, const BatchMap& in,
                       const kernels::NormalisationGradient& hidden_gradient, BatchMap& in_gradient);

  kernels::BlockShape shape_;
  bool has_shortcut_;
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
