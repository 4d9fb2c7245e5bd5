// A 1x1 convolution with its batch normalisation folded into its weights, whose output is never stored: its
// statistics come from the moments of its input, and its gradients from sums that one pass over the batch can
// collect.
//
// For z = W x and y = scale * x_hat(z) + shift, with g the gradient of y, C the covariance of x, and x_c = x
// - mean(x), BatchNorm's backward pass (batch_norm.hpp) becomes, because z is linear in x:
//   d scale[c] = sum(g[c] * x_hat[c]) = 1/deviation[c] * W[c] . sum(x_c g[c])
//   dW[c]      = scale[c]/deviation[c] * (sum(x_c g[c]) - d scale[c] / deviation[c] * C W[c])
//   dx         = V^T g - V^T (d shift / count) - A x_c,   V[c] = W[c] * scale[c] / deviation[c],
//   A          = sum over c of W[c]^T V[c] * d scale[c] / (deviation[c] * count).
// So one pass adds up sum(g) and sum(x g^T) and writes V^T g; a second, cheap one adds -A x + offset.
#pragma once

#include <span>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/train/batch_norm.hpp"
#include "mudra/train/moments.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::train {

class FoldedProduct {
 public:
  FoldedProduct(int in_channels, int out_channels);

  // For a batch whose input has these moments. layer.weight is [out_channels, in_channels] whatever its shape
  // says beyond.
  void fold(const NormalisedConv& layer, Moments moments);

  const BatchStatistics& statistics() const { return norm_.statistics(); }
  const float* weights() const { return weights_.data(); }    // [in_channels, padded(out_channels)]
  const float* bias() const { return norm_.affine().shift; }  // [padded(out_channels)]
  const float* transposed() const {
    return transposed_.data();
  }  // [padded(out_channels), padded(in_channels)]

  // sums: [out_channels] of g; products: [in_channels, padded(out_channels)] of x g^T. Sets the layer's
  // gradients and the correction of dx. Only after fold().
  void backward(std::span<const double> sums, std::span<const double> products, const NormalisedConv& layer);

  const float* correction() const { return correction_.data(); }  // -A, [in_channels, padded(in_channels)]
  const float* offset() const { return offset_.data(); }          // [padded(in_channels)]

 private:
  void fold_weights(const NormalisedConv& layer);
  void set_correction(std::span<const double> sums, const NormalisedConv& layer);

  std::size_t in_, out_;
  BatchNorm norm_;
  Moments moments_;
  std::vector<double> covariance_with_weights_;  // C W^T, [in_channels, out_channels]
  AlignedBuffer weights_, transposed_, correction_, offset_;
};

}  // namespace mudra::train
