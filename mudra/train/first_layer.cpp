#include "mudra/train/first_layer.hpp"

#include "mudra/train/kernels/patches.hpp"
#include "mudra/train/kernels/pointwise.hpp"

namespace mudra::train {
namespace {

using kernels::kPatchTaps;

constexpr int kStride = 2;

}  // namespace

FirstLayer::FirstLayer(int channels, int image_side, float activation_limit, int max_batch)
    : image_side_(image_side),
      out_side_(kernels::strided(image_side, kStride)),
      limit_(activation_limit),
      product_(kPatchTaps, channels),
      out_(max_batch, out_side_ * out_side_, channels) {}

std::size_t FirstLayer::scratch_floats(int image_side) {
  const int out_side = kernels::strided(image_side, kStride);
  return map_floats(out_side * out_side, kPatchTaps);
}

void FirstLayer::gather(const float* images, int image, float* patches) const {
  kernels::gather_patches(images + static_cast<std::size_t>(image) * image_side_ * image_side_, image_side_,
                          patches);
}

Moments FirstLayer::forward(NormalisedConv& layer, BatchWork& batch, const float* images, double momentum) {
  const auto patches_of = [&](int image, float* scratch) {
    gather(images, image, scratch);
    return scratch;
  };
  product_.fold(layer, moments_of(batch, out_.pixels(), kPatchTaps, patches_of));
  track(layer, product_.statistics(), momentum);
  batch.for_each_image([&](int image, float* scratch) {
    kernels::multiply_activate({.map = patches_of(image, scratch),
                                .pixels = out_.pixels(),
                                .in_channels = kPatchTaps,
                                .out_channels = out_.channels(),
                                .weights = product_.weights(),
                                .bias = product_.bias(),
                                .limit = limit_,
                                .out = out_.of(image)});
  });
  return moments_of(batch, out_);
}

void FirstLayer::backward(NormalisedConv& layer, BatchWork& batch, const float* images,
                          BatchMap& out_gradient) {
  const int channels = out_.channels();
  const std::size_t stride = map_floats(1, channels);
  const std::vector<double> totals = batch.sum_over_images(
      stride + map_floats(kPatchTaps, channels), [&](int image, float* sums, float* patches) {
        float* const gradient = out_gradient.of(image);
        kernels::mask_by_activation(out_.of(image), out_.pixels(), channels, limit_, gradient);
        kernels::add_sums(gradient, out_.pixels(), channels, sums);
        gather(images, image, patches);
        kernels::add_products({.left = patches,
                               .right = gradient,
                               .pixels = out_.pixels(),
                               .left_channels = kPatchTaps,
                               .right_channels = channels,
                               .products = sums + stride});
      });
  product_.backward(totals, std::span(totals).subspan(stride), layer);
}

}  // namespace mudra::train
