#include "mudra/train/inference.hpp"

#include <algorithm>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/train/batch_map.hpp"
#include "mudra/train/batch_work.hpp"
#include "mudra/train/classifier.hpp"
#include "mudra/train/first_layer.hpp"
#include "mudra/train/folded_product.hpp"
#include "mudra/train/kernels/inverted_residual.hpp"
#include "mudra/train/kernels/patches.hpp"
#include "mudra/train/packing.hpp"

namespace mudra::train {
namespace {

using kernels::padded;

// A block's weights with every normalisation folded in.
struct FoldedWeights {
  kernels::BlockShape shape;
  bool has_shortcut;
  FoldedProduct expand;
  BatchNorm depthwise_norm, project_norm;
  AlignedBuffer taps;     // [9, padded(hidden)]
  AlignedBuffer project;  // [padded(hidden), padded(out)]

  FoldedWeights(const InvertedResidual& block, int side)
      : shape{side, block.stride, block.in_channels, block.hidden_channels(), block.out_channels},
        has_shortcut(block.has_shortcut()),
        expand(shape.in_channels, shape.hidden_channels),
        depthwise_norm(shape.hidden_channels),
        project_norm(shape.out_channels),
        taps(map_floats(9, shape.hidden_channels)),
        project(map_floats(padded(shape.hidden_channels), shape.out_channels)) {
    expand.fold_running(block.expand);
    depthwise_norm.set_running(block.depthwise);
    project_norm.set_running(block.project);
    pack_transposed(block.depthwise.weight, taps);
    pack_transposed(block.project.weight, project);
    scale_columns(taps, depthwise_norm.affine().scale, shape.hidden_channels);
    scale_columns(project, project_norm.affine().scale, shape.out_channels);
  }

  // values[row][c] *= scale[c]
  static void scale_columns(AlignedBuffer& values, const float* scale, int columns) {
    const std::size_t stride = map_floats(1, columns);
    for (std::size_t i = 0; i < values.size(); ++i) values.data()[i] *= scale[i % stride];
  }

  void run(const float* in, float limit, float* out, float* scratch) const {
    kernels::run_folded_block(shape, {.in = in,
                                      .weights = {expand.weights(), expand.bias(), taps.data()},
                                      .taps_bias = depthwise_norm.affine().shift,
                                      .project = project.data(),
                                      .project_bias = project_norm.affine().shift,
                                      .has_shortcut = has_shortcut,
                                      .limit = limit,
                                      .out = out,
                                      .scratch = scratch});
  }
};

std::vector<FoldedWeights> folded_blocks(const Network& network, int side) {
  std::vector<FoldedWeights> blocks;
  for (const InvertedResidual& block : network.blocks) {
    blocks.emplace_back(block, side);
    side = blocks.back().shape.out_side();
  }
  return blocks;
}

}  // namespace

struct Inference::Plan {
  NetworkConfig config;
  int max_batch;
  float limit;
  int first_side;
  FoldedProduct first;
  std::vector<FoldedWeights> blocks;
  Parameter classifier_weight, classifier_bias;
  // What one thread needs: two maps in turn, and the kernels' scratch memory.
  std::size_t largest_map, scratch_floats;
  BatchWork batch;

  Plan(const Network& network, int most)
      : config(network.config()),
        max_batch(most),
        limit(limit_of(config.activation)),
        first_side(kernels::strided(config.image_side, 2)),
        first(kernels::kPatchTaps, config.first_channels),
        blocks(folded_blocks(network, first_side)),
        classifier_weight(network.classifier_weight),
        classifier_bias(network.classifier_bias),
        largest_map(map_floats(first_side * first_side, config.first_channels)),
        scratch_floats(FirstLayer::scratch_floats(config.image_side)),
        batch(memory_floats()) {
    first.fold_running(network.first);
  }

  // Also settles largest_map and scratch_floats.
  std::size_t memory_floats() {
    for (const FoldedWeights& block : blocks) {
      largest_map = std::max(largest_map, map_floats(block.shape.out_pixels(), block.shape.out_channels));
      scratch_floats = std::max(
          {scratch_floats, kernels::scratch_floats(block.shape), map_floats(1, block.shape.out_channels)});
    }
    return 2 * largest_map + scratch_floats;
  }

  void run(const float* image, float* memory, std::span<float> logits) const;
};

void Inference::Plan::run(const float* image, float* memory, std::span<float> logits) const {
  float *in = memory, *out = memory + largest_map, *const scratch = memory + 2 * largest_map;
  kernels::gather_patches(image, config.image_side, scratch);
  kernels::multiply_activate({.map = scratch,
                              .pixels = first_side * first_side,
                              .in_channels = kernels::kPatchTaps,
                              .out_channels = config.first_channels,
                              .weights = first.weights(),
                              .bias = first.bias(),
                              .limit = limit,
                              .out = in});
  for (const FoldedWeights& block : blocks) {
    block.run(in, limit, out, scratch);
    std::swap(in, out);
  }
  const kernels::BlockShape& last = blocks.back().shape;
  const std::size_t stride = map_floats(1, last.out_channels);
  float* const pooled = scratch;
  average_pool(in, last.out_pixels(), last.out_channels, pooled);
  classify(classifier_weight, classifier_bias, {pooled, stride}, stride, logits);
}

Inference::Inference(const Network& network, int max_batch) {
  constexpr int kLargestBatch = 4096;
  if (max_batch < 1 || max_batch > kLargestBatch)
    fail("batches of {} images: must be from 1 to {}", max_batch, kLargestBatch);
  plan_ = std::make_unique<Plan>(network, max_batch);
}
Inference::Inference(Inference&&) noexcept = default;
Inference::~Inference() = default;

void Inference::run(std::span<const float> images, std::span<float> logits) {
  Plan& plan = *plan_;
  const auto pixels =
      static_cast<std::size_t>(plan.config.image_side) * static_cast<std::size_t>(plan.config.image_side);
  const auto classes = static_cast<std::size_t>(plan.config.classes);
  const std::size_t count = images.size() / pixels;
  if (count < 1 || count > static_cast<std::size_t>(plan.max_batch) || count * pixels != images.size() ||
      count * classes != logits.size())
    fail("a batch of {} pixels and {} logits: must be 1 to {} images of {}x{} and {} logits each",
         images.size(), logits.size(), plan.max_batch, plan.config.image_side, plan.config.image_side,
         classes);
  plan.batch.begin(static_cast<int>(count));
  plan.batch.for_each_image([&](int image, float* memory) {
    const auto i = static_cast<std::size_t>(image);
    plan.run(images.data() + i * pixels, memory, logits.subspan(i * classes, classes));
  });
}

}  // namespace mudra::train
