// Training's first layer: 3x3 convolution of the image with stride 2, batch normalisation, activation.
#pragma once

#include "mudra/train/batch_map.hpp"
#include "mudra/train/batch_work.hpp"
#include "mudra/train/folded_product.hpp"

namespace mudra::train {

class FirstLayer {
 public:
  FirstLayer(int channels, int image_side, float activation_limit, int max_batch);

  int out_side() const { return out_side_; }
  const BatchMap& out() const { return out_; }
  static std::size_t scratch_floats(int image_side);

  // images: [B, side, side]. Computes out() and moves the running statistics. Returns the moments of out().
  Moments forward(NormalisedConv& layer, BatchWork& batch, const float* images, double momentum);

  // From the gradient by out(), which is overwritten: the layer's gradients. Same images as forward().
  void backward(NormalisedConv& layer, BatchWork& batch, const float* images, BatchMap& out_gradient);

 private:
  void gather(const float* images, int image, float* patches) const;

  int image_side_, out_side_;
  float limit_;
  FoldedProduct product_;
  BatchMap out_;
};

}  // namespace mudra::train
