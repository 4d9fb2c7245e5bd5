#include "mudra/train/folded_product.hpp"

#include "mudra/train/kernels/layout.hpp"

namespace mudra::train {
namespace {

std::size_t padded(std::size_t channels) {
  return static_cast<std::size_t>(kernels::padded(static_cast<int>(channels)));
}

}  // namespace

FoldedProduct::FoldedProduct(int in_channels, int out_channels)
    : in_(static_cast<std::size_t>(in_channels)),
      out_(static_cast<std::size_t>(out_channels)),
      norm_(out_channels),
      weights_(in_ * padded(out_)),
      transposed_(padded(out_) * padded(in_)),
      correction_(in_ * padded(in_)),
      offset_(padded(in_)) {}

void FoldedProduct::fold(const NormalisedConv& layer, Moments moments) {
  moments_ = std::move(moments);
  covariance_with_weights_ = moments_.covariance_with(layer.weight.values);
  norm_.set(layer, moments_.statistics_of(layer.weight.values, covariance_with_weights_));
  fold_weights(layer);
}

void FoldedProduct::fold_weights(const NormalisedConv& layer) {
  const std::size_t out_stride = padded(out_), in_stride = padded(in_);
  for (std::size_t o = 0; o < out_; ++o) {
    for (std::size_t i = 0; i < in_; ++i) {
      const float folded = layer.weight.values[o * in_ + i] * norm_.affine().scale[o];
      weights_.data()[i * out_stride + o] = folded;
      transposed_.data()[o * in_stride + i] = folded;
    }
  }
}

void FoldedProduct::backward(std::span<const double> sums, std::span<const double> products,
                             const NormalisedConv& layer) {
  const std::size_t out_stride = padded(out_);
  const std::vector<float>& weights = layer.weight.values;
  for (std::size_t o = 0; o < out_; ++o) {
    const double inverse = norm_.inverse_deviation(o);
    const auto centred = [&](std::size_t i) {
      return products[i * out_stride + o] - moments_.mean(i) * sums[o];
    };
    double of_scale = 0;
    for (std::size_t i = 0; i < in_; ++i) of_scale += weights[o * in_ + i] * centred(i);
    of_scale *= inverse;
    layer.shift.gradients[o] = static_cast<float>(sums[o]);
    layer.scale.gradients[o] = static_cast<float>(of_scale);
    const double scale = layer.scale.values[o] * inverse;
    for (std::size_t i = 0; i < in_; ++i)
      layer.weight.gradients[o * in_ + i] = static_cast<float>(
          scale * (centred(i) - of_scale * inverse * covariance_with_weights_[i * out_ + o]));
  }
  set_correction(sums, layer);
}

void FoldedProduct::set_correction(std::span<const double> sums, const NormalisedConv& layer) {
  const std::vector<float>& weights = layer.weight.values;
  std::vector<double> correction(in_ * in_), offset(in_);
  for (std::size_t o = 0; o < out_; ++o) {
    const double inverse = norm_.inverse_deviation(o), scale = layer.scale.values[o] * inverse;
    const double factor = -scale * inverse * layer.scale.gradients[o] / moments_.count();
    for (std::size_t i = 0; i < in_; ++i) {
      offset[i] -= weights[o * in_ + i] * scale * sums[o] / moments_.count();
      const double row_factor = factor * weights[o * in_ + i];
      for (std::size_t j = 0; j < in_; ++j) correction[i * in_ + j] += row_factor * weights[o * in_ + j];
    }
  }
  for (std::size_t i = 0; i < in_; ++i) {
    for (std::size_t j = 0; j < in_; ++j) {
      offset[j] -= moments_.mean(i) * correction[i * in_ + j];
      correction_.data()[i * padded(in_) + j] = static_cast<float>(correction[i * in_ + j]);
    }
  }
  for (std::size_t j = 0; j < in_; ++j) offset_.data()[j] = static_cast<float>(offset[j]);
}

}  // namespace mudra::train
