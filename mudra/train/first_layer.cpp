#include "mudra/train/first_layer.hpp"

#include "mudra/train/kernels/patches.hpp"

namespace mudra::train {

std::size_t FirstLayer::scratch_floats() const {
  const int out_side = kernels::strided(image_side_, 2);
  return map_floats(out_side * out_side, kTaps);
}

float* FirstLayer::gather(const Tape& tape, int image, float* patches) const {
  const auto pixels = static_cast<std::size_t>(image_side_) * static_cast<std::size_t>(image_side_);
  kernels::gather_patches(tape.images + static_cast<std::size_t>(image) * pixels, image_side_, patches);
  return patches;
}

void FirstLayer::forward(Tape& tape) {
  const NormalisedConv layer = tape.parameters.at(weight_, norm_);
  BatchMap& out = tape.map(output_);
  product_.fold(layer, moments_of(tape.batch, out.pixels(), kTaps,
                                  [&](int image, float* scratch) { return gather(tape, image, scratch); }));
  track(layer, product_.statistics(), tape.momentum);
  tape.promise(output_, [this, &tape, &out](int image, float* scratch) {
    kernels::multiply_activate({.map = gather(tape, image, scratch),
                                .pixels = out.pixels(),
                                .in_channels = kTaps,
                                .out_channels = out.channels(),
                                .weights = product_.weights(),
                                .bias = product_.bias(),
                                .limit = *limit_,
                                .out = out.of(image)});
    return out.of(image);
  });
}

void FirstLayer::backward(Tape& tape) {
  const BatchMap& out = tape.map(output_);
  const int channels = out.channels();
  const std::size_t stride = map_floats(1, channels);
  const std::vector<double> totals = tape.batch.sum_over_images<double>(
      stride + map_floats(kTaps, channels), [&](int image, double* sums, float* scratch) {
        const float* const gradient = masked_gradient(tape, image, scratch);
        kernels::add_sums(gradient, out.pixels(), channels, sums);
        kernels::add_products({.left = gather(tape, image, scratch),
                               .right = gradient,
                               .pixels = out.pixels(),
                               .left_channels = kTaps,
                               .right_channels = channels,
                               .products = sums + stride});
      });
  product_.backward(totals, std::span(totals).subspan(stride), tape.parameters.at(weight_, norm_));
}

}  // namespace mudra::train
