#include "mudra/train/block_layer.hpp"

#include "mudra/train/packing.hpp"

namespace mudra::train {

using kernels::padded;

BlockLayer::BlockLayer(const InvertedResidual& block, int side, float activation_limit, int max_batch)
    : shape_{side, block.stride, block.in_channels, block.hidden_channels(), block.out_channels},
      limit_(activation_limit),
      hidden_(max_batch, shape_.out_pixels(), shape_.hidden_channels),
      projected_(max_batch, shape_.out_pixels(), shape_.out_channels),
      out_(max_batch, shape_.out_pixels(), shape_.out_channels),
      expand_(shape_.in_channels, shape_.hidden_channels),
      hidden_norm_(shape_.hidden_channels),
      project_norm_(shape_.out_channels),
      taps_(map_floats(9, shape_.hidden_channels)),
      project_(map_floats(padded(shape_.hidden_channels), shape_.out_channels)),
      project_transposed_(map_floats(shape_.out_channels, shape_.hidden_channels)) {}

void BlockLayer::pack_weights(const InvertedResidual& block) {
  pack_transposed(block.depthwise.weight, taps_);
  pack_transposed(block.project.weight, project_);
  pack(block.project.weight, project_transposed_);
}

void BlockLayer::forward(InvertedResidual& block, BatchWork& batch, const BatchMap& in, Moments moments,
                         double momentum) {
  pack_weights(block);
  expand_.fold(block.expand, std::move(moments));
  track(block.expand, expand_.statistics(), momentum);

  const auto statistics_of = [&](const std::vector<double>& totals, int channels) {
    const std::span<const double> all = totals;
    const auto count = static_cast<std::size_t>(channels);
    return statistics_from_sums(all.first(count), all.subspan(map_floats(1, channels), count),
                                static_cast<double>(batch.images()) * shape_.out_pixels());
  };

  const int hidden = shape_.hidden_channels, out = shape_.out_channels;
  const auto hidden_sums =
      batch.sum_over_images(map_floats(2, hidden), [&](int image, float* sums, float* scratch) {
        kernels::expand_depthwise(shape_, {.in = in.of(image),
                                           .weights = weights(),
                                           .limit = limit_,
                                           .hidden = hidden_.of(image),
                                           .sums = sums,
                                           .squares = sums + padded(hidden),
                                           .scratch = scratch});
      });
  hidden_norm_.set(block.depthwise, statistics_of(hidden_sums, hidden));
  track(block.depthwise, hidden_norm_.statistics(), momentum);

  const auto out_sums = batch.sum_over_images(map_floats(2, out), [&](int image, float* sums, float*) {
    kernels::project({.hidden = hidden_.of(image),
                      .pixels = shape_.out_pixels(),
                      .hidden_channels = hidden,
                      .out_channels = out,
                      .normalisation = hidden_norm_.affine(),
                      .limit = limit_,
                      .weights = project_.data(),
                      .out = projected_.of(image),
                      .sums = sums,
                      .squares = sums + padded(out)});
  });
  project_norm_.set(block.project, statistics_of(out_sums, out));
  track(block.project, project_norm_.statistics(), momentum);

  batch.for_each_image([&](int image, float*) {
    kernels::normalise({.map = projected_.of(image),
                        .pixels = shape_.out_pixels(),
                        .channels = out,
                        .affine = project_norm_.affine(),
                        .shortcut = block.has_shortcut() ? in.of(image) : nullptr,
                        .out = out_.of(image)});
  });
}

void BlockLayer::backward(InvertedResidual& block, BatchWork& batch, const BatchMap& in,
                          const BatchMap& out_gradient, BatchMap& in_gradient) {
  backward_projection(block, batch, out_gradient);
  const kernels::NormalisationGradient hidden_gradient = backward_hidden_norm(block, batch);
  in_gradient.reshape(in.pixels(), in.channels());
  backward_middle(block, batch, in, hidden_gradient, in_gradient);
  batch.for_each_image([&](int image, float*) {
    kernels::correct_gradient({.map = in.of(image),
                               .pixels = in.pixels(),
                               .channels = in.channels(),
                               .weights = expand_.correction(),
                               .offset = expand_.offset(),
                               .shortcut = block.has_shortcut() ? out_gradient.of(image) : nullptr,
                               .gradient = in_gradient.of(image)});
  });
}

// Through the last normalisation: projected_ becomes the gradient by it.
void BlockLayer::backward_projection(InvertedResidual& block, BatchWork& batch,
                                     const BatchMap& out_gradient) {
  const int channels = shape_.out_channels, pixels = shape_.out_pixels();
  const auto totals = batch.sum_over_images(map_floats(2, channels), [&](int image, float* sums, float*) {
    kernels::add_gradient_sums({.gradient = out_gradient.of(image),
                                .value = projected_.of(image),
                                .pixels = pixels,
                                .channels = channels,
                                .sums = sums,
                                .products = sums + padded(channels)});
  });
  const kernels::NormalisationGradient terms =
      project_norm_.backward(totals, std::span(totals).subspan(map_floats(1, channels)), block.project);
  batch.for_each_image([&](int image, float*) {
    kernels::normalise_backward(out_gradient.of(image), pixels, channels, terms, projected_.of(image));
  });
}

// The projection's weight gradients, and the sums that tell the way through the hidden normalisation.
kernels::NormalisationGradient BlockLayer::backward_hidden_norm(InvertedResidual& block, BatchWork& batch) {
  const int hidden = shape_.hidden_channels;
  const std::size_t stride = map_floats(1, hidden);
  const auto totals = batch.sum_over_images(
      2 * stride + map_floats(shape_.out_channels, hidden), [&](int image, float* sums, float*) {
        kernels::project_backward({.hidden = hidden_.of(image),
                                   .pixels = shape_.out_pixels(),
                                   .hidden_channels = hidden,
                                   .out_channels = shape_.out_channels,
                                   .normalisation = hidden_norm_.affine(),
                                   .limit = limit_,
                                   .out_gradient = projected_.of(image),
                                   .weights = project_transposed_.data(),
                                   .weight_gradients = sums + 2 * stride,
                                   .sums = sums,
                                   .products = sums + stride});
      });
  const std::span<const double> all = totals;
  unpack_gradients(all.subspan(2 * stride), block.project.weight);
  return hidden_norm_.backward(all, all.subspan(stride), block.depthwise);
}

// Through the depthwise convolution and the expansion, but for the correction of the gradient by `in`.
void BlockLayer::backward_middle(InvertedResidual& block, BatchWork& batch, const BatchMap& in,
                                 const kernels::NormalisationGradient& hidden_gradient,
                                 BatchMap& in_gradient) {
  const std::size_t stride = map_floats(1, shape_.hidden_channels);
  const auto totals = batch.sum_over_images((1 + 9 + static_cast<std::size_t>(shape_.in_channels)) * stride,
                                            [&](int image, float* sums, float* scratch) {
                                              kernels::expand_depthwise_backward(
                                                  shape_, {.in = in.of(image),
                                                           .weights = weights(),
                                                           .limit = limit_,
                                                           .out_gradient = projected_.of(image),
                                                           .project_transposed = project_transposed_.data(),
                                                           .hidden = hidden_.of(image),
                                                           .hidden_normalisation = hidden_norm_.affine(),
                                                           .hidden_gradient = hidden_gradient,
                                                           .expand_transposed = expand_.transposed(),
                                                           .in_gradient = in_gradient.of(image),
                                                           .tap_gradients = sums + stride,
                                                           .sums = sums,
                                                           .products = sums + 10 * stride,
                                                           .scratch = scratch});
                                            });
  const std::span<const double> all = totals;
  unpack_transposed_gradients(all.subspan(stride), block.depthwise.weight);
  expand_.backward(all, all.subspan(10 * stride), block.expand);
}

}  // namespace mudra::train
