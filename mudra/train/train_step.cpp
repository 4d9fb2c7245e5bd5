#include "mudra/train/train_step.hpp"

#include <algorithm>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/train/block_layer.hpp"
#include "mudra/train/classifier.hpp"
#include "mudra/train/first_layer.hpp"
#include "mudra/train/kernels/pointwise.hpp"

namespace mudra::train {
namespace {

std::vector<BlockLayer> block_layers(const Network& network, int side, float limit, int max_batch) {
  std::vector<BlockLayer> layers;
  for (const InvertedResidual& block : network.blocks) {
    layers.emplace_back(block, side, limit, max_batch);
    side = layers.back().shape().out_side();
  }
  return layers;
}

std::size_t scratch_floats(const NetworkConfig& config, const std::vector<BlockLayer>& blocks) {
  std::size_t floats = FirstLayer::scratch_floats(config.image_side);
  for (const BlockLayer& block : blocks) floats = std::max(floats, kernels::scratch_floats(block.shape()));
  return floats;
}

// Room for the gradient by any layer's output.
BatchMap gradient_map(const FirstLayer& first, const std::vector<BlockLayer>& blocks, int max_batch) {
  const BatchMap* largest = &first.out();
  for (const BlockLayer& block : blocks)
    if (block.out().floats() > largest->floats()) largest = &block.out();
  return BatchMap(max_batch, largest->pixels(), largest->channels());
}

int checked_batch(int max_batch) {
  constexpr int kLargestBatch = 4096;
  if (max_batch < 1 || max_batch > kLargestBatch)
    fail("batches of {} images: must be from 1 to {}", max_batch, kLargestBatch);
  return max_batch;
}

}  // namespace

struct TrainStep::Workspace {
  Network& network;
  int max_batch;
  FirstLayer first;
  std::vector<BlockLayer> blocks;
  BatchMap out_gradient, in_gradient;  // of the block at hand
  BatchWork batch;
  std::vector<float> pooled, pooled_gradients;  // [B, padded(channels)]
  std::vector<float> logits, logit_gradients;   // [B, classes]

  Workspace(Network& net, int most)
      : network(net),
        max_batch(checked_batch(most)),
        first(net.first.channels(), net.config().image_side, limit_of(net.config().activation), most),
        blocks(block_layers(net, first.out_side(), limit_of(net.config().activation), most)),
        out_gradient(gradient_map(first, blocks, most)),
        in_gradient(gradient_map(first, blocks, most)),
        batch(scratch_floats(net.config(), blocks)) {}

  const BatchMap& input_of(std::size_t block) const {
    return block == 0 ? first.out() : blocks[block - 1].out();
  }

  void forward(std::span<const float> images, double momentum);
  void pool(const MapOf& out_of);
  void backward(const float* images);
  float* unpool(int image);
};

void TrainStep::Workspace::forward(std::span<const float> images, double momentum) {
  const auto side = static_cast<std::size_t>(network.config().image_side);
  const std::size_t count = images.size() / (side * side);
  if (count < 1 || count > static_cast<std::size_t>(max_batch) || count * side * side != images.size())
    fail("a batch of {} pixels: must be 1 to {} images of {}x{}", images.size(), max_batch, side, side);
  if (count * static_cast<std::size_t>(blocks.back().shape().out_pixels()) < 2)
    fail("a batch of one image whose last map is one pixel has no variance to normalise by");
  batch.begin(static_cast<int>(count));
  first.forward(network.first, batch, images.data(), momentum);
  MapOf out_of = [&](int image, float* scratch) { return first.compute_out(images.data(), image, scratch); };
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const BatchMap& in = input_of(i);
    blocks[i].forward(network.blocks[i], batch, in, moments_of(batch, in.pixels(), in.channels(), out_of),
                      momentum);
    out_of = [&, i](int image, float*) { return blocks[i].compute_out(input_of(i), image); };
  }
  pool(out_of);
}

// The average of every channel of the last map, and the logits.
void TrainStep::Workspace::pool(const MapOf& out_of) {
  const BatchMap& map = blocks.back().out();
  const std::size_t stride = map_floats(1, map.channels());
  const auto images = static_cast<std::size_t>(batch.images());
  pooled.resize(images * stride);
  logits.resize(images * static_cast<std::size_t>(network.config().classes));
  batch.for_each_image([&](int image, float* scratch) {
    average_pool(out_of(image, scratch), map.pixels(), map.channels(),
                 pooled.data() + static_cast<std::size_t>(image) * stride);
  });
  classify(network.classifier_weight, network.classifier_bias, pooled, stride, logits);
}

// The gradient by the last map of one image from that by its averages.
float* TrainStep::Workspace::unpool(int image) {
  const BatchMap& map = blocks.back().out();
  const std::size_t stride = map_floats(1, map.channels());
  const float* const pooled_gradient = pooled_gradients.data() + static_cast<std::size_t>(image) * stride;
  float* const gradient = out_gradient.of(image);
  for (std::size_t c = 0; c < stride; ++c)
    gradient[c] = pooled_gradient[c] / static_cast<float>(map.pixels());
  for (int p = 1; p < map.pixels(); ++p)
    std::copy_n(gradient, stride, gradient + static_cast<std::size_t>(p) * stride);
  return gradient;
}

void TrainStep::Workspace::backward(const float* images) {
  const BatchMap& last = blocks.back().out();
  pooled_gradients.resize(pooled.size());
  classify_backward(network.classifier_weight, network.classifier_bias, logit_gradients, pooled,
                    map_floats(1, last.channels()), pooled_gradients);
  // The gradients by every other layer's output share one memory.
  BatchMap *out = &out_gradient, *in = &in_gradient;
  out->reshape(last.pixels(), last.channels());
  MapOf gradient_of = [&](int image, float*) { return unpool(image); };
  for (std::size_t i = blocks.size(); i-- > 0;) {
    blocks[i].backward(network.blocks[i], batch, input_of(i), gradient_of, *out, *in);
    gradient_of = [&, i, out, in](int image, float*) {
      return blocks[i].complete_in_gradient(input_of(i), *out, *in, image);
    };
    std::swap(out, in);
  }
  first.backward(network.first, batch, images, gradient_of);
}

TrainStep::TrainStep(Network& network, int max_batch)
    : workspace_(std::make_unique<Workspace>(network, max_batch)) {}
TrainStep::TrainStep(TrainStep&&) noexcept = default;
TrainStep::~TrainStep() = default;

BatchResult TrainStep::forward_backward(std::span<const float> images, std::span<const std::int32_t> labels) {
  Workspace& work = *workspace_;
  const auto pixels = static_cast<std::size_t>(work.network.config().image_side) *
                      static_cast<std::size_t>(work.network.config().image_side);
  if (labels.size() * pixels != images.size())
    fail("{} labels for {} pixels of {} images", labels.size(), images.size(), images.size() / pixels);
  for (const std::int32_t label : labels)
    if (label < 0 || label >= work.network.config().classes)
      fail("label {}: must be from 0 to {}", label, work.network.config().classes - 1);
  work.forward(images, kStatisticsMomentum);
  work.logit_gradients = work.logits;
  const BatchResult result = cross_entropy(work.logit_gradients, labels);
  work.backward(images.data());
  return result;
}

void TrainStep::update_statistics(std::span<const float> images, double momentum) {
  workspace_->forward(images, momentum);
}

std::span<const float> TrainStep::logits() const { return workspace_->logits; }

}  // namespace mudra::train
