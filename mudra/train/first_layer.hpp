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

  // images: [B, side, side]. Settles the normalisation and moves the running statistics.
  void forward(NormalisedConv& layer, BatchWork& batch, const float* images, double momentum);

  // Computes out() of one image. After forward() of the same images.
  float* compute_out(const float* images, int image, float* scratch);

  // The layer's gradients, from the gradient by out(), which is overwritten. Same images as forward().
  void backward(NormalisedConv& layer, BatchWork& batch, const float* images, const MapOf& out_gradient_of);

 private:
  float* gather(const float* images, int image, float* patches) const;

  int image_side_, out_side_;
  float limit_;
  FoldedProduct product_;
  BatchMap out_;
};

}  // namespace mudra::train
