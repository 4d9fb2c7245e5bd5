#include "mudra/train/network.hpp"

#include <limits>

#include "mudra/base/error.hpp"

namespace mudra::train {
namespace {

constexpr int kLargest = 4096;  // channels, classes, pixels on a side

void check_channels(const char* what, int channels) {
  if (channels < 8 || channels > kLargest || channels % 8 != 0)
    fail("{} {} channels: must be a multiple of 8 from 8 to {}", what, channels, kLargest);
}

void check(const NetworkConfig& config) {
  if (config.classes < 1 || config.classes > kLargest)
    fail("{} classes: must be from 1 to {}", config.classes, kLargest);
  check_channels("first convolution with", config.first_channels);
  if (config.expansion < 2 || config.expansion > 64)
    fail("expansion {}: must be from 2 to 64 (a block without expansion is not supported)", config.expansion);
  if (config.blocks.empty() || config.blocks.size() > 64)
    fail("{} blocks: must be from 1 to 64", config.blocks.size());
  if (config.image_side < 3 || config.image_side > kLargest)
    fail("images of {} pixels on a side: must be from 3 to {}", config.image_side, kLargest);
  int channels = config.first_channels;
  for (const BlockConfig& block : config.blocks) {
    check_channels("expansion to", config.expansion * channels);
    check_channels("block with", block.out_channels);
    channels = block.out_channels;
    if (block.stride != 1 && block.stride != 2) fail("block with stride {}: must be 1 or 2", block.stride);
  }
}

Parameter parameter(std::string name, std::vector<std::int64_t> shape, float value) {
  std::size_t size = 1;
  for (const std::int64_t extent : shape) size *= static_cast<std::size_t>(extent);
  return {std::move(name), std::move(shape), std::vector<float>(size, value), std::vector<float>(size, 0.0f)};
}

// The convolution number `index` of the sequence called `prefix`, its normalisation behind it.
NormalisedConv normalised_conv(const std::string& prefix, int index, std::vector<std::int64_t> shape) {
  const std::int64_t channels = shape[0];
  const std::string norm = fmt::format("{}.{}", prefix, index + 1);
  const auto count = static_cast<std::size_t>(channels);
  return {.weight = parameter(fmt::format("{}.{}.weight", prefix, index), std::move(shape), 0.0f),
          .scale = parameter(norm + ".weight", {channels}, 1.0f),
          .shift = parameter(norm + ".bias", {channels}, 0.0f),
          .running_mean = std::vector<float>(count, 0.0f),
          .running_variance = std::vector<float>(count, 1.0f)};
}

// Pointers to every convolution of a network, const or not.
template <class Conv, class AnyNetwork>
std::vector<Conv*> convolutions_of(AnyNetwork& network) {
  std::vector<Conv*> all = {&network.first};
  for (auto& block : network.blocks) all.insert(all.end(), {&block.expand, &block.depthwise, &block.project});
  return all;
}

template <class AnyParameter, class Conv, class AnyNetwork>
std::vector<AnyParameter*> parameters_of(AnyNetwork& network) {
  std::vector<AnyParameter*> all;
  for (Conv* conv : convolutions_of<Conv>(network))
    all.insert(all.end(), {&conv->weight, &conv->scale, &conv->shift});
  all.insert(all.end(), {&network.classifier_weight, &network.classifier_bias});
  return all;
}

}  // namespace

Network::Network(const NetworkConfig& config) : config_(config) {
  check(config);
  first = normalised_conv("first", 0, {config.first_channels, 1, 3, 3});
  int channels = config.first_channels;
  for (std::size_t i = 0; i < config.blocks.size(); ++i) {
    const auto [out_channels, stride] = config.blocks[i];
    const int hidden = config.expansion * channels;
    const std::string prefix = fmt::format("layers.{}.conv", i);
    blocks.push_back({.in_channels = channels,
                      .out_channels = out_channels,
                      .stride = stride,
                      .expand = normalised_conv(prefix, 0, {hidden, channels, 1, 1}),
                      .depthwise = normalised_conv(prefix, 3, {hidden, 1, 3, 3}),
                      .project = normalised_conv(prefix, 6, {out_channels, hidden, 1, 1})});
    channels = out_channels;
  }
  classifier_weight = parameter("classifier.2.weight", {config.classes, channels}, 0.0f);
  classifier_bias = parameter("classifier.2.bias", {config.classes}, 0.0f);
}

std::vector<Parameter*> Network::parameters() { return parameters_of<Parameter, NormalisedConv>(*this); }
std::vector<const Parameter*> Network::parameters() const {
  return parameters_of<const Parameter, const NormalisedConv>(*this);
}

std::vector<NormalisedConv*> Network::convolutions() { return convolutions_of<NormalisedConv>(*this); }
std::vector<const NormalisedConv*> Network::convolutions() const {
  return convolutions_of<const NormalisedConv>(*this);
}

const char* name_of(Activation activation) { return activation == Activation::kRelu6 ? "relu6" : "relu"; }

float limit_of(Activation activation) {
  return activation == Activation::kRelu6 ? 6.0f : std::numeric_limits<float>::infinity();
}

}  // namespace mudra::train
