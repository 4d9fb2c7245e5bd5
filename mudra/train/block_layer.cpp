#include "mudra/train/block_layer.hpp"

#include "mudra/train/packing.hpp"

namespace mudra::train {

using kernels::padded;

BlockLayer::BlockLayer(const Nodes& nodes, int max_batch)
    : Step({nodes.in}, nodes.out),
      nodes_(nodes),
      hidden_(max_batch, shape().out_pixels(), kernels::slabs(shape().hidden_channels) * kernels::kSlab),
      projected_(max_batch, shape().out_pixels(), shape().out_channels),
      expand_(shape().in_channels, shape().hidden_channels),
      hidden_norm_(shape().hidden_channels),
      project_norm_(shape().out_channels),
      taps_(map_floats(9, shape().hidden_channels)),
      project_(map_floats(padded(shape().hidden_channels), shape().out_channels)),
      project_transposed_(map_floats(shape().out_channels, shape().hidden_channels)) {}

void BlockLayer::forward(Tape& tape) {
  const NormalisedConv expand = expand_of(tape), depthwise = depthwise_of(tape), project = project_of(tape);
  pack_transposed(depthwise.weight, taps_);
  pack_transposed(project.weight, project_);
  pack(project.weight, project_transposed_);
  const BatchMap& in = tape.map(nodes_.in);
  BatchWork& batch = tape.batch;
  expand_.fold(expand, moments_of(batch, in.pixels(), in.channels(), [&](int image, float* scratch) {
                 return tape.values(nodes_.in, image, scratch);
               }));
  track(expand, expand_.statistics(), tape.momentum);

  const auto statistics_of = [&](const std::vector<double>& totals, int channels) {
    const std::span<const double> all = totals;
    const auto count = static_cast<std::size_t>(channels);
    return statistics_from_sums(all.first(count), all.subspan(map_floats(1, channels), count),
                                static_cast<double>(batch.images()) * shape().out_pixels());
  };

  const int hidden = shape().hidden_channels, out = shape().out_channels;
  const auto hidden_sums =
      batch.sum_over_images<double>(map_floats(2, hidden), [&](int image, double* sums, float* scratch) {
        kernels::expand_depthwise(shape(), {.in = in.of(image),
                                            .weights = weights(),
                                            .limit = nodes_.limit,
                                            .hidden = hidden_.of(image),
                                            .sums = sums,
                                            .squares = sums + padded(hidden),
                                            .scratch = scratch});
      });
  hidden_norm_.set(depthwise, statistics_of(hidden_sums, hidden));
  track(depthwise, hidden_norm_.statistics(), tape.momentum);

  const auto out_sums =
      batch.sum_over_images<double>(map_floats(2, out), [&](int image, double* sums, float*) {
        kernels::project({.hidden = hidden_.of(image),
                          .pixels = shape().out_pixels(),
                          .hidden_channels = hidden,
                          .out_channels = out,
                          .normalisation = hidden_norm_.affine(),
                          .limit = nodes_.limit,
                          .weights = project_.data(),
                          .out = projected_.of(image),
                          .sums = sums,
                          .squares = sums + padded(out)});
      });
  project_norm_.set(project, statistics_of(out_sums, out));
  track(project, project_norm_.statistics(), tape.momentum);
  tape.promise(nodes_.out, [this, &tape](int image, float*) { return compute_out(tape, image); });
}

float* BlockLayer::compute_out(Tape& tape, int image) const {
  BatchMap& out = tape.map(nodes_.out);
  kernels::normalise({.map = projected_.of(image),
                      .pixels = out.pixels(),
                      .channels = out.channels(),
                      .affine = project_norm_.affine(),
                      .shortcut = nodes_.has_shortcut ? tape.map(nodes_.in).of(image) : nullptr,
                      .out = out.of(image)});
  return out.of(image);
}

void BlockLayer::backward(Tape& tape) {
  const kernels::NormalisationGradient project_gradient = backward_project_norm(tape);
  tape.settle_gradient(nodes_.out);
  const kernels::NormalisationGradient hidden_gradient = backward_projection(tape, project_gradient);
  auto in_gradient = tape.new_gradient(nodes_.in);
  backward_middle(tape, hidden_gradient, *in_gradient);
  auto out_gradient = tape.take_gradient(nodes_.out);
  MapOf complete = [this, &tape, to = in_gradient.get(), from = out_gradient.get()](int image, float*) {
    const BatchMap& in = tape.map(nodes_.in);
    kernels::correct_gradient({.map = in.of(image),
                               .pixels = in.pixels(),
                               .channels = in.channels(),
                               .weights = expand_.correction(),
                               .offset = expand_.offset(),
                               .shortcut = nodes_.has_shortcut ? from->of(image) : nullptr,
                               .gradient = to->of(image)});
    return to->of(image);
  };
  tape.add_gradient(nodes_.in, std::move(in_gradient), std::move(complete), std::move(out_gradient));
}

kernels::NormalisationGradient BlockLayer::backward_project_norm(Tape& tape) {
  const BatchMap& out = tape.map(nodes_.out);
  const std::size_t stride = map_floats(1, out.channels());
  const auto totals =
      tape.batch.sum_over_images<float>(2 * stride, [&](int image, float* sums, float* scratch) {
        kernels::add_gradient_sums({.gradient = tape.gradient(nodes_.out, image, scratch),
                                    .value = projected_.of(image),
                                    .pixels = out.pixels(),
                                    .channels = out.channels(),
                                    .sums = sums,
                                    .products = sums + stride});
      });
  return project_norm_.backward(totals, std::span(totals).subspan(stride), project_of(tape));
}

// Through the last normalisation, after which projected_ holds the gradient by itself, to the projection's
// weight gradients and the way through the hidden normalisation.
kernels::NormalisationGradient BlockLayer::backward_projection(
    Tape& tape, const kernels::NormalisationGradient& project_gradient) {
  const std::size_t stride = map_floats(1, shape().hidden_channels);
  const auto totals = tape.batch.sum_over_images<float>(
      2 * stride + map_floats(shape().out_channels, shape().hidden_channels),
      [&](int image, float* sums, float* scratch) {
        kernels::normalise_backward(tape.gradient(nodes_.out, image, scratch), shape().out_pixels(),
                                    shape().out_channels, project_gradient, projected_.of(image));
        kernels::project_backward({.hidden = hidden_.of(image),
                                   .pixels = shape().out_pixels(),
                                   .hidden_channels = shape().hidden_channels,
                                   .out_channels = shape().out_channels,
                                   .normalisation = hidden_norm_.affine(),
                                   .limit = nodes_.limit,
                                   .out_gradient = projected_.of(image),
                                   .weights = project_transposed_.data(),
                                   .weight_gradients = sums + 2 * stride,
                                   .sums = sums,
                                   .products = sums + stride});
      });
  const std::span<const double> all = totals;
  unpack_gradients(all.subspan(2 * stride), project_of(tape).weight);
  return hidden_norm_.backward(all, all.subspan(stride), depthwise_of(tape));
}

// Through the depthwise convolution and the expansion, but for the correction of the gradient by the input.
void BlockLayer::backward_middle(Tape& tape, const kernels::NormalisationGradient& hidden_gradient,
                                 BatchMap& in_gradient) {
  const BatchMap& in = tape.map(nodes_.in);
  const std::size_t stride = map_floats(1, shape().hidden_channels);
  const auto totals = tape.batch.sum_over_images<float>(
      (1 + 9 + static_cast<std::size_t>(shape().in_channels)) * stride,
      [&](int image, float* sums, float* scratch) {
        kernels::expand_depthwise_backward(shape(), {.in = in.of(image),
                                                     .weights = weights(),
                                                     .limit = nodes_.limit,
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
  unpack_transposed_gradients(all.subspan(stride), depthwise_of(tape).weight);
  expand_.backward(all, all.subspan(10 * stride), expand_of(tape));
}

}  // namespace mudra::train
