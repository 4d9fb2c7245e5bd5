#include "mudra/graph/networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/graph/light_gesture_net.hpp"

namespace mudra::graph {
namespace {

constexpr Clip kRelu6{0, 6};
constexpr MaxPool kHalve{{.kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 2}};

Graph article(Layers::Picture picture, int classes) {
  if (picture.channels != 1 || picture.height != picture.width)
    fail("light-gesture-net takes square gray pictures");
  return light_gesture_net({.classes = classes, .image_side = picture.height});
}

// Convolutions that each end in a ReLU and a halving, then two fully connected layers.
struct Stack {
  std::string name;
  struct Conv {
    int channels, kernel, pad;
  };
  std::vector<Conv> convs;
  int hidden;

  Graph build(Layers::Picture picture, int classes) const {
    Layers layers(name, picture);
    for (std::size_t i = 0; i < convs.size(); ++i) {
      const auto [channels, kernel, pad] = convs[i];
      const std::string conv = fmt::format("conv{}", i + 1);
      layers.conv(conv, channels, {kernel, kernel, 1, 1, pad, pad, pad, pad});
      layers.add(conv + ".relu", Relu{});
      layers.add(conv + ".pool", kHalve);
    }
    layers.flatten("flatten");
    layers.gemm("hidden", hidden);
    layers.add("hidden.relu", Relu{});
    layers.gemm("scores", classes);
    return layers.finish();
  }
};

Graph lenet(Layers::Picture picture, int classes) {
  return Stack{"LeNet", {{8, 5, 2}, {16, 5, 2}, {32, 3, 1}}, 84}.build(picture, classes);
}

Graph hand_gesture_cnn(Layers::Picture picture, int classes) {
  return Stack{"HandGestureCnn", {{32, 5, 0}, {64, 3, 0}, {64, 3, 0}}, 128}.build(picture, classes);
}

void pool_and_classify(Layers& layers, int classes) {
  layers.add("pool", GlobalAveragePool{});
  layers.add("flatten", Flatten{});
  layers.gemm("classifier", classes);
}

void separable(Layers& layers, const std::string& name, int out_channels, int stride,
               const Operation& activation) {
  layers.depthwise_and_normalisation(name, 0, 3, stride);
  layers.add(name + ".2", activation);
  layers.conv_and_normalisation(name, 3, out_channels, 1);
  layers.add(name + ".5", activation);
}

// Zhang et al. 2017, "Hello Edge", for pictures.
Graph ds_cnn(Layers::Picture picture, int classes) {
  Layers layers("DsCnn", picture);
  layers.conv_and_normalisation("first", 0, 32, 5, 2);
  layers.add("first.2", Relu{});
  for (int i = 0; i < 4; ++i)
    separable(layers, fmt::format("layers.{}", i), 64, i == 0 || i == 2 ? 2 : 1, Relu{});
  pool_and_classify(layers, classes);
  return layers.finish();
}

// Howard et al. 2017, a quarter of the channels.
Graph mobilenet_v1(Layers::Picture picture, int classes) {
  constexpr struct {
    int channels, stride;
  } kLayers[] = {{16, 1},  {32, 2},  {32, 1},  {64, 2},  {64, 1},  {128, 2}, {128, 1},
                 {128, 1}, {128, 1}, {128, 1}, {128, 1}, {256, 2}, {256, 1}};
  Layers layers("MobileNetV1-0.25", picture);
  layers.conv_and_normalisation("first", 0, 8, 3, 2);
  layers.add("first.2", kRelu6);
  int i = 0;
  for (const auto [channels, stride] : kLayers)
    separable(layers, fmt::format("layers.{}", i++), channels, stride, kRelu6);
  pool_and_classify(layers, classes);
  return layers.finish();
}

// Sandler et al. 2018, 0.35 of the channels, in multiples of 8; names are torchvision's.
Graph mobilenet_v2(Layers::Picture picture, int classes) {
  constexpr struct {
    int expansion, channels, count, stride;
  } kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                 {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  const auto scaled = [](int channels) {
    const double wanted = 0.35 * channels;
    const int nearest = std::max(8, static_cast<int>(wanted + 4) / 8 * 8);
    return nearest < 0.9 * wanted ? nearest + 8 : nearest;
  };
  Layers layers("MobileNetV2-0.35", picture);
  layers.conv_and_normalisation("features.0", 0, scaled(32), 3, 2);
  layers.add("features.0.2", kRelu6);
  int i = 1;
  for (const auto& [expansion, channels, count, first_stride] : kStages) {
    for (int k = 0; k < count; ++k, ++i) {
      const std::string name = fmt::format("features.{}", i), conv = name + ".conv";
      const TensorIndex shortcut = layers.at();
      int part = 0;
      const auto part_name = [&] { return fmt::format("{}.{}", conv, part); };
      if (expansion > 1) {
        layers.conv_and_normalisation(part_name(), 0, expansion * layers.channels(), 1);
        layers.add(part_name() + ".2", kRelu6);
        ++part;
      }
      layers.depthwise_and_normalisation(part_name(), 0, 3, k == 0 ? first_stride : 1);
      layers.add(part_name() + ".2", kRelu6);
      layers.conv_and_normalisation(conv, part + 1, scaled(channels), 1);
      layers.add_shortcut(name + ".add", shortcut);
    }
  }
  layers.conv_and_normalisation(fmt::format("features.{}", i), 0, 1280, 1);
  layers.add(fmt::format("features.{}.2", i), kRelu6);
  layers.add("pool", GlobalAveragePool{});
  layers.add("flatten", Flatten{});
  layers.gemm("classifier.1", classes);
  return layers.finish();
}

constexpr BuiltInNetwork kNetworks[] = {
    {"light-gesture-net", "the article's: inverted residuals; 38 thousand parameters", article},
    {"lenet", "convolutions with max pooling, then fully connected layers; 396 thousand", lenet},
    {"hand-gesture-cnn", "that of Espressif's earlier hand gesture article; 877 thousand", hand_gesture_cnn},
    {"ds-cnn", "depthwise separable convolutions of 64 channels; 18 thousand", ds_cnn},
    {"mobilenet-v1-0.25", "MobileNetV1, a quarter of its channels; 212 thousand", mobilenet_v1},
    {"mobilenet-v2-0.35", "MobileNetV2, 0.35 of its channels; 399 thousand", mobilenet_v2},
};

}  // namespace

std::span<const BuiltInNetwork> built_in_networks() { return kNetworks; }

const BuiltInNetwork* find_network(std::string_view name) {
  const auto* found = std::ranges::find(kNetworks, name, &BuiltInNetwork::name);
  return found == std::end(kNetworks) ? nullptr : found;
}

}  // namespace mudra::graph
