#include "mudra/graph/layers.hpp"

#include <fmt/format.h>

#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::graph {

Layers::Layers(std::string name, Picture input) {
  graph_.name = std::move(name);
  at_ = graph_.input = add_tensor(graph_, {.name = "input",
                                           .shape = {1, input.height, input.width, input.channels},
                                           .layout = Layout::kNhwc,
                                           .type = Type::kFloat32,
                                           .exponent = {},
                                           .values = {}});
}

Window Layers::same_window(int kernel, int stride) {
  const int pad = kernel / 2;
  return {kernel, kernel, stride, stride, pad, pad, pad, pad};
}

void Layers::conv(const std::string& name, int out_channels, const Window& window) {
  add_conv(name, {out_channels, channels(), window.kernel_h, window.kernel_w}, {.window = window}, true);
}

void Layers::depthwise(const std::string& name, const Window& window) {
  add_conv(name, {channels(), 1, window.kernel_h, window.kernel_w}, {.window = window, .depthwise = true},
           true);
}

void Layers::gemm(const std::string& name, int out_features) {
  const TensorIndex weight = constant(name + ".weight", {out_features, channels()}, Layout::kOi);
  const TensorIndex bias = constant(name + ".bias", {out_features}, Layout::kVector);
  add_node(name, Gemm{}, {at_, weight, bias});
}

void Layers::conv_and_normalisation(const std::string& prefix, int index, int out_channels, int kernel,
                                    int stride) {
  add_conv(fmt::format("{}.{}", prefix, index), {out_channels, channels(), kernel, kernel},
           {.window = same_window(kernel, stride)}, false);
  normalisation(fmt::format("{}.{}", prefix, index + 1));
}

void Layers::depthwise_and_normalisation(const std::string& prefix, int index, int kernel, int stride) {
  add_conv(fmt::format("{}.{}", prefix, index), {channels(), 1, kernel, kernel},
           {.window = same_window(kernel, stride), .depthwise = true}, false);
  normalisation(fmt::format("{}.{}", prefix, index + 1));
}

void Layers::normalisation(const std::string& name) {
  const Shape per_channel{channels()};
  const TensorIndex scale = constant(name + ".weight", per_channel, Layout::kVector, 1),
                    shift = constant(name + ".bias", per_channel, Layout::kVector),
                    mean = constant(name + ".running_mean", per_channel, Layout::kVector),
                    variance = constant(name + ".running_var", per_channel, Layout::kVector, 1);
  add_tensor(graph_, {.name = name + ".num_batches_tracked",
                      .shape = {},
                      .layout = Layout::kScalar,
                      .type = Type::kInt64,
                      .exponent = {},
                      .values = Values(std::vector<std::int64_t>{0})});
  add_node(name, BatchNormalization{kNormalisationEpsilon}, {at_, scale, shift, mean, variance});
}

void Layers::prelu(const std::string& name) {
  const TensorIndex slope = constant(name + ".weight", {channels()}, Layout::kVector, 0.25f);
  add_node(name, PRelu{}, {at_, slope});
}

void Layers::add_conv(const std::string& name, Shape weight, const Conv& conv, bool has_bias) {
  const std::int64_t out_channels = weight[0];
  std::vector<TensorIndex> inputs{at_, constant(name + ".weight", std::move(weight), Layout::kOihw)};
  if (has_bias) inputs.push_back(constant(name + ".bias", {out_channels}, Layout::kVector));
  add_node(name, conv, std::move(inputs));
}

void Layers::add_shortcut(const std::string& name, TensorIndex from) {
  if (graph_.tensor(from).shape == graph_.tensor(at_).shape) add_node(name, Add{}, {from, at_});
}

Graph Layers::finish() {
  graph_.output = at_;
  graph_.tensor(at_).name = "output";
  verify(graph_, graph_.name);
  return std::move(graph_);
}

void Layers::add_node(const std::string& name, Operation operation, std::vector<TensorIndex> inputs) {
  at_ = with_context(fmt::format("node '{}'", name),
                     [&] { return graph::add_node(graph_, name, std::move(operation), std::move(inputs)); });
}

TensorIndex Layers::constant(const std::string& name, Shape shape, Layout layout, float value) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)), value);
  return add_constant(graph_, name, std::move(shape), layout, std::move(values));
}

}  // namespace mudra::graph
