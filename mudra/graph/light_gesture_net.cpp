#include "mudra/graph/light_gesture_net.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/layers.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::graph {
namespace {

constexpr int kLargest = 4096;  // channels, classes, pixels on a side

void check_channels(const char* what, int channels) {
  if (channels < 8 || channels > kLargest || channels % 8 != 0)
    fail("{} {} channels: must be a multiple of 8 from 8 to {}", what, channels, kLargest);
}

void check(const LightGestureNet& net) {
  if (net.classes < 1 || net.classes > kLargest)
    fail("{} classes: must be from 1 to {}", net.classes, kLargest);
  check_channels("first convolution with", net.first_channels);
  if (net.expansion < 2 || net.expansion > 64)
    fail("expansion {}: must be from 2 to 64 (a block without expansion is not supported)", net.expansion);
  if (net.blocks.empty() || net.blocks.size() > 64)
    fail("{} blocks: must be from 1 to 64", net.blocks.size());
  if (net.image_side < 3 || net.image_side > kLargest)
    fail("images of {} pixels on a side: must be from 3 to {}", net.image_side, kLargest);
  int channels = net.first_channels;
  for (const auto& [out_channels, stride] : net.blocks) {
    check_channels("expansion to", net.expansion * channels);
    check_channels("block with", out_channels);
    channels = out_channels;
    if (stride != 1 && stride != 2) fail("block with stride {}: must be 1 or 2", stride);
  }
}

int channels_of(std::int64_t extent, const std::string& name) {
  if (extent < 1 || extent > 1 << 16) fail("'{}' has {} channels", name, extent);
  return static_cast<int>(extent);
}

// The extent that stands as -1 in `pattern`, of the float array called `name`: its first.
int first_extent(const StateDict& state, const std::string& name, const Shape& pattern) {
  floats(state, name, pattern);
  return channels_of(find(state, name)->shape[0], name);
}

// Node by node the same operations on the same tensors; names apart.
void require_same_structure(const Graph& graph, const Graph& wanted) {
  std::vector<TensorIndex> counterpart(wanted.tensors.size(), -1);
  const auto of = [&](TensorIndex i) -> TensorIndex& { return counterpart[static_cast<std::size_t>(i)]; };
  of(wanted.input) = graph.input;
  for (std::size_t i = 0; i < std::max(graph.nodes.size(), wanted.nodes.size()); ++i) {
    if (i >= graph.nodes.size()) fail("the network ends where {} should follow", wanted.nodes[i].name);
    const Node& node = graph.nodes[i];
    if (i >= wanted.nodes.size()) fail("node '{}' follows behind the classifier", node.name);
    const Node& like = wanted.nodes[i];
    const bool adds = std::holds_alternative<Add>(like.operation);
    bool same = node.operation == like.operation;
    std::vector<TensorIndex> inputs;
    for (std::size_t k = 0; same && k < (adds ? 2 : 1); ++k) inputs.push_back(of(like.inputs[k]));
    same = same && std::is_permutation(inputs.begin(), inputs.end(), node.inputs.begin());
    same = same && graph.tensor(node.output).shape == wanted.tensor(like.output).shape;
    if (!same)
      fail("node '{}' ({}) stands where LightGestureNet has another {}", node.name, name_of(node.operation),
           name_of(like.operation));
    of(like.output) = node.output;
  }
}

}  // namespace

Graph light_gesture_net(const LightGestureNet& net) {
  check(net);
  Layers layers("LightGestureNet", {net.image_side, net.image_side, 1});
  const auto activate = [&](const std::string& name) {
    if (net.activation == ActivationKind::kRelu6)
      layers.add(name, Clip{0, 6});
    else
      layers.add(name, Relu{});
  };
  layers.conv_and_normalisation("first", 0, net.first_channels, 3, 2);
  activate("first.2");
  for (std::size_t i = 0; i < net.blocks.size(); ++i) {
    const auto [out_channels, stride] = net.blocks[i];
    const std::string name = fmt::format("layers.{}", i), conv = name + ".conv";
    const TensorIndex shortcut = layers.at();
    layers.conv_and_normalisation(conv, 0, net.expansion * layers.channels(), 1);
    activate(conv + ".2");
    layers.depthwise_and_normalisation(conv, 3, 3, stride);
    activate(conv + ".5");
    layers.conv_and_normalisation(conv, 6, out_channels, 1);
    layers.add_shortcut(name + ".add", shortcut);
  }
  layers.add("classifier.0", GlobalAveragePool{});
  layers.add("classifier.1", Flatten{});
  layers.gemm("classifier.2", net.classes);
  return layers.finish();
}

LightGestureNet light_gesture_net_of(const StateDict& state) {
  LightGestureNet net;
  net.first_channels = first_extent(state, "first.0.weight", {-1, 1, 3, 3});
  net.blocks.clear();
  int channels = net.first_channels;
  for (int i = 0;; ++i) {
    const std::string expand = fmt::format("layers.{}.conv.0.weight", i);
    if (find(state, expand) == nullptr) break;
    const int hidden = first_extent(state, expand, {-1, channels, 1, 1});
    const int out_channels =
        first_extent(state, fmt::format("layers.{}.conv.6.weight", i), {-1, hidden, 1, 1});
    if (hidden % channels != 0 || (i > 0 && hidden != net.expansion * channels))
      fail("'{}' expands {} channels to {}: not the same whole factor in every block", expand, channels,
           hidden);
    net.expansion = hidden / channels;
    net.blocks.push_back({out_channels, out_channels == channels ? 1 : 2});
    channels = out_channels;
  }
  if (net.blocks.empty()) fail("'layers.0.conv.0.weight' is missing");
  net.classes = first_extent(state, "classifier.2.weight", {-1, channels});
  return net;
}

LightGestureNet light_gesture_net_of(const Graph& graph) {
  std::vector<const Node*> convs;
  LightGestureNet net{.blocks = {}, .activation = ActivationKind::kRelu};
  for (const Node& node : graph.nodes) {
    if (std::holds_alternative<Conv>(node.operation)) convs.push_back(&node);
    if (std::holds_alternative<Clip>(node.operation)) net.activation = ActivationKind::kRelu6;
  }
  const auto out_channels = [&](std::size_t i) {
    return static_cast<int>(graph.tensor(convs[i]->output).shape.back());
  };
  const Shape& input = graph.tensor(graph.input).shape;
  if (input.size() != 4 || input[1] != input[2] || input[3] != 1) fail("the input is no square gray picture");
  if (convs.size() < 4 || convs.size() % 3 != 1) fail("it has none of LightGestureNet's blocks");
  net.image_side = static_cast<int>(input[1]);
  net.classes = static_cast<int>(graph.tensor(graph.output).shape.back());
  net.first_channels = out_channels(0);
  net.expansion = out_channels(1) / net.first_channels;
  for (std::size_t i = 1; i < convs.size(); i += 3)
    net.blocks.push_back({out_channels(i + 2), std::get<Conv>(convs[i + 1]->operation).window.stride_h});
  return net;
}

Graph as_light_gesture_net(const Graph& graph) {
  const Graph folded = fold_batch_normalization(graph);
  Graph net = light_gesture_net(light_gesture_net_of(folded));
  require_same_structure(folded, fold_batch_normalization(net));
  net.class_names = graph.class_names;
  net.metadata = graph.metadata;
  auto from = folded.nodes.begin();
  for (auto node = net.nodes.begin(); node != net.nodes.end(); ++node, ++from) {
    if (from->inputs.size() < 2 || std::holds_alternative<Add>(from->operation)) continue;
    float_values(net, node->inputs[1]) = float_values(folded.tensor(from->inputs[1]));
    const bool normalised = std::holds_alternative<Conv>(node->operation);
    if (normalised) ++node;
    std::vector<float>& shift = float_values(net, node->inputs[2]);
    if (from->inputs.size() > 2) shift = float_values(folded.tensor(from->inputs[2]));
    if (normalised)
      std::ranges::fill(float_values(net, node->inputs[4]), static_cast<float>(1 - kNormalisationEpsilon));
  }
  return net;
}

}  // namespace mudra::graph
