#include "mudra/graph/fold_batch_normalization.hpp"

#include <algorithm>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/graph/pixel_values.hpp"

namespace mudra::graph {
namespace {

// y = x * scale[channel] + shift[channel]
struct ChannelAffine {
  std::vector<double> scale, shift;
};

ChannelAffine affine_of(const Graph& graph, const Node& node) {
  const double epsilon = std::get<BatchNormalization>(node.operation).epsilon;
  const auto values = [&](std::size_t i) -> const auto& {
    return float_values(graph.tensor(node.inputs[i]));
  };
  const auto &gamma = values(1), &beta = values(2), &mean = values(3), &variance = values(4);
  ChannelAffine affine;
  for (std::size_t c = 0; c < gamma.size(); ++c) {
    const double spread = static_cast<double>(variance[c]) + epsilon;
    if (!(spread > 0)) fail("node '{}': the variance of channel {} is {}", node.name, c, variance[c]);
    const double scale = static_cast<double>(gamma[c]) / std::sqrt(spread);
    affine.scale.push_back(scale);
    affine.shift.push_back(static_cast<double>(beta[c]) - static_cast<double>(mean[c]) * scale);
  }
  return affine;
}

std::string free_name(const Graph& graph, std::string name) {
  while (find_tensor(graph, name)) name += "_folded";
  return name;
}

// Makes `values` the constant that `node` reads as input `i`: in place where nobody else reads the old one.
void give_constant(Graph& graph, Node& node, std::size_t i, const char* suffix, Shape shape, Layout layout,
                   std::vector<float> values) {
  if (i < node.inputs.size() && reader_count(graph, node.inputs[i]) == 1) {
    graph.tensor(node.inputs[i]).values = std::move(values);
    return;
  }
  node.inputs.resize(std::max(node.inputs.size(), i + 1));
  node.inputs[i] =
      add_constant(graph, free_name(graph, node.name + suffix), std::move(shape), layout, std::move(values));
}

void scale_and_shift(Graph& graph, Node& node, const ChannelAffine& affine) {
  const Tensor& weight = graph.tensor(node.inputs[1]);
  const Shape weight_shape = weight.shape;
  const Layout weight_layout = weight.layout;
  std::vector<float> weights = float_values(weight), biases(affine.scale.size(), 0.0f);
  if (node.inputs.size() > 2) biases = float_values(graph.tensor(node.inputs[2]));
  const std::size_t per_channel = weights.size() / affine.scale.size();
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<float>(static_cast<double>(weights[i]) * affine.scale[i / per_channel]);
  for (std::size_t c = 0; c < biases.size(); ++c)
    biases[c] = static_cast<float>(static_cast<double>(biases[c]) * affine.scale[c] + affine.shift[c]);
  const auto channels = static_cast<std::int64_t>(biases.size());
  give_constant(graph, node, 1, ".weight", weight_shape, weight_layout, std::move(weights));
  give_constant(graph, node, 2, ".bias", {channels}, Layout::kVector, std::move(biases));
}

// The Conv or Gemm that alone makes the input of `normalisation` and can take it in; nullptr: none.
Node* foldable_producer(Graph& graph, const Node& normalisation) {
  const TensorIndex input = normalisation.inputs[0];
  Node* producer = producer_of(graph, input);
  if (producer == nullptr || reader_count(graph, input) != 1) return nullptr;
  const bool* fused = fused_relu(*producer);
  return fused != nullptr && !*fused ? producer : nullptr;
}

// The Gemm that alone reads what `normalisation` gives; nullptr: none.
Node* foldable_reader(Graph& graph, const Node& normalisation) {
  Node* reader = sole_reader(graph, normalisation.output);
  return reader != nullptr && std::holds_alternative<Gemm>(reader->operation) ? reader : nullptr;
}

// W * (x * scale + shift) + b as (W * scale) * x + (W * shift + b), by input channel; the inputs of a Gemm
// are pixels, channel by channel.
void scale_and_shift_inputs(Graph& graph, Node& node, const ChannelAffine& affine) {
  const Tensor& weight = graph.tensor(node.inputs[1]);
  const Shape shape = weight.shape;
  const Layout layout = weight.layout;
  std::vector<float> weights = float_values(weight), biases(static_cast<std::size_t>(shape[0]), 0.0f);
  if (node.inputs.size() > 2) biases = float_values(graph.tensor(node.inputs[2]));
  const auto* conv = std::get_if<Conv>(&node.operation);
  const std::size_t each = weights.size() / biases.size(), channels = affine.scale.size(),
                    taps = conv != nullptr ? each / static_cast<std::size_t>(shape[1]) : 1;
  for (std::size_t o = 0; o < biases.size(); ++o) {
    double bias = static_cast<double>(biases[o]);
    for (std::size_t i = 0; i < each; ++i) {
      const std::size_t c = conv != nullptr && conv->depthwise ? o : i / taps % channels;
      float& value = weights[o * each + i];
      bias += static_cast<double>(value) * affine.shift[c];
      value = static_cast<float>(static_cast<double>(value) * affine.scale[c]);
    }
    biases[o] = static_cast<float>(bias);
  }
  give_constant(graph, node, 1, ".weight", shape, layout, std::move(weights));
  give_constant(graph, node, 2, ".bias", {shape[0]}, Layout::kVector, std::move(biases));
}

void become_depthwise(Graph& graph, Node& node, const ChannelAffine& affine) {
  if (graph.tensor(node.output).layout != Layout::kNhwc)
    fail("node '{}': a BatchNormalization of features is supported before or behind a Gemm only", node.name);
  const auto channels = static_cast<std::int64_t>(affine.scale.size());
  node.inputs.resize(1);
  node.operation = Conv{.window = {}, .depthwise = true, .fused_relu = false};
  give_constant(graph, node, 1, ".weight", {channels, 1, 1, 1}, Layout::kOihw,
                std::vector<float>(affine.scale.begin(), affine.scale.end()));
  give_constant(graph, node, 2, ".bias", {channels}, Layout::kVector,
                std::vector<float>(affine.shift.begin(), affine.shift.end()));
}

// Everything that reads the normalised tensor reads what `producer` writes; the graph's output keeps its
// name.
void bypass(Graph& graph, TensorIndex normalised, Node& producer) {
  if (graph.output == normalised) {
    producer.output = normalised;
    return;
  }
  for (Node& node : graph.nodes) std::ranges::replace(node.inputs, normalised, producer.output);
}

void fold(Graph& graph) {
  for (Node& node : graph.nodes) {
    if (!std::holds_alternative<BatchNormalization>(node.operation)) continue;
    const ChannelAffine affine = affine_of(graph, node);
    if (Node* producer = foldable_producer(graph, node)) {
      scale_and_shift(graph, *producer, affine);
      bypass(graph, node.output, *producer);
      node.inputs.clear();  // marks it as taken in
    } else if (Node* reader = foldable_reader(graph, node)) {
      scale_and_shift_inputs(graph, *reader, affine);
      reader->inputs[0] = node.inputs[0];
      node.inputs.clear();
    } else {
      become_depthwise(graph, node, affine);
    }
  }
  std::erase_if(graph.nodes, [](const Node& node) { return node.inputs.empty(); });
  graph = without_unused(graph);
}

// Adds the Convs and Gemms that read the pixels in `tensor`, if they alone do and can take an affine of every
// channel; `moves`: channels may change places.
bool find_readers_of_pixels(Graph& graph, TensorIndex tensor, bool moves, std::vector<Node*>& readers) {
  if (tensor == graph.output) return false;
  for (Node& node : graph.nodes) {
    if (std::ranges::count(node.inputs, tensor) == 0) continue;
    const auto* conv = std::get_if<Conv>(&node.operation);
    const bool takes = (conv != nullptr && !conv->window.is_padded() && tensor == graph.input) ||
                       std::holds_alternative<Gemm>(node.operation);
    const bool passes = std::holds_alternative<Flatten>(node.operation) ||
                        (moves && std::holds_alternative<Transpose>(node.operation));
    if (takes)
      readers.push_back(&node);
    else if (!passes || !find_readers_of_pixels(graph, node.output, moves, readers))
      return false;
  }
  return true;
}

void fold_pixels(Graph& graph) {
  const Normalization normalization = normalization_of(graph);
  std::vector<Node*> readers;
  if (normalization == Normalization{} ||
      !find_readers_of_pixels(graph, graph.input, normalization.channels == 1, readers))
    return;
  ChannelAffine affine;
  for (std::int64_t c = 0; c < graph.tensor(graph.input).shape.back(); ++c) {
    const auto deviation = static_cast<double>(normalization.deviation[c]);
    affine.scale.push_back(static_cast<double>(Normalization::kUnit) / deviation);
    affine.shift.push_back(-static_cast<double>(normalization.mean[c]) / deviation);
  }
  for (Node* reader : readers) scale_and_shift_inputs(graph, *reader, affine);
  graph = without_unused(graph);  // of constants that others of the nodes read there are copies
  state_normalization(graph.metadata, {});
}

}  // namespace

Graph fold_pixel_normalization(const Graph& graph) {
  return after_passes(graph, {{"folding the normalization of pixels", fold_pixels}});
}

Graph fold_batch_normalization(const Graph& graph) {
  return after_passes(graph, {{"folding BatchNormalization", fold}});
}

}  // namespace mudra::graph
