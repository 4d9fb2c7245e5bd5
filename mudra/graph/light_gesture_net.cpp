#include "mudra/graph/light_gesture_net.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::graph {
namespace {

constexpr double kEpsilon = 1e-5;  // PyTorch's default in BatchNorm2d

// Appends layers to a graph with the weights of a state dict.
class Assembler {
 public:
  Assembler(const StateDict& state, ActivationKind activation, int image_side)
      : state_(state), activation_(activation) {
    graph_.name = "LightGestureNet";
    at_ = graph_.input = add_tensor(graph_, {.name = "input",
                                             .shape = {1, image_side, image_side, 1},
                                             .layout = Layout::kNhwc,
                                             .type = Type::kFloat32,
                                             .exponent = {},
                                             .values = {}});
  }

  TensorIndex at() const { return at_; }
  std::int64_t channels() const { return graph_.tensor(at_).shape.back(); }

  enum class Kind { kDense, kDepthwise };

  // Sequential `prefix`: the convolution is its element `index`, the normalisation the next.
  void conv_and_normalisation(const std::string& prefix, int index, Kind kind, int side, int stride) {
    const std::string conv = fmt::format("{}.{}", prefix, index),
                      norm = fmt::format("{}.{}", prefix, index + 1);
    const bool depthwise = kind == Kind::kDepthwise;
    const NamedTensor* found = find(state_, conv + ".weight");
    const std::int64_t out = found != nullptr && !found->shape.empty() ? found->shape[0] : -1;
    const TensorIndex weight =
        constant(conv + ".weight", {out, depthwise ? 1 : channels(), side, side}, Layout::kOihw);
    const int pad = side / 2;
    at_ = add_node(conv,
                   Conv{.window = {side, side, stride, stride, pad, pad, pad, pad}, .depthwise = depthwise},
                   {at_, weight});
    std::vector<TensorIndex> inputs{at_};
    for (const char* name : {".weight", ".bias", ".running_mean", ".running_var"})
      inputs.push_back(constant(norm + name, {out}, Layout::kVector));
    at_ = add_node(norm, BatchNormalization{kEpsilon}, std::move(inputs));
  }

  void activation(const std::string& name) {
    if (activation_ == ActivationKind::kRelu6)
      at_ = add_node(name, Clip{0, 6}, {at_});
    else
      at_ = add_node(name, Relu{}, {at_});
  }

  void inverted_residual(const std::string& name, int stride) {
    const TensorIndex shortcut = at_;
    const std::string conv = name + ".conv";
    conv_and_normalisation(conv, 0, Kind::kDense, 1, 1);
    activation(conv + ".2");
    conv_and_normalisation(conv, 3, Kind::kDepthwise, 3, stride);
    activation(conv + ".5");
    conv_and_normalisation(conv, 6, Kind::kDense, 1, 1);
    if (graph_.tensor(shortcut).shape == graph_.tensor(at_).shape)
      at_ = add_node(name + ".add", Add{}, {shortcut, at_});
  }

  Graph classify() {
    at_ = add_node("classifier.0", GlobalAveragePool{}, {at_});
    at_ = add_node("classifier.1", Flatten{}, {at_});
    const TensorIndex weight = constant("classifier.2.weight", {-1, channels()}, Layout::kOi);
    const TensorIndex bias = constant("classifier.2.bias", {graph_.tensor(weight).shape[0]}, Layout::kVector);
    graph_.output = add_node("classifier.2", Gemm{}, {at_, weight, bias});
    graph_.tensor(graph_.output).name = "output";
    return std::move(graph_);
  }

 private:
  TensorIndex add_node(const std::string& name, Operation operation, std::vector<TensorIndex> inputs) {
    return with_context(fmt::format("node '{}'", name), [&] {
      return graph::add_node(graph_, name, std::move(operation), std::move(inputs));
    });
  }
  TensorIndex constant(const std::string& name, const Shape& shape, Layout layout) {
    const std::vector<float>& values = floats(state_, name, shape);
    return add_constant(graph_, name, find(state_, name)->shape, layout, values);
  }

  const StateDict& state_;
  ActivationKind activation_;
  Graph graph_;
  TensorIndex at_ = 0;
};

// Walks a folded graph from input to output, taking one expected node after another.
class Walker {
 public:
  explicit Walker(const Graph& graph) : graph_(graph), at_(graph.input) {}

  const Graph& graph() const { return graph_; }
  TensorIndex at() const { return at_; }
  bool at_a(std::string_view operation) const {
    return next_ < graph_.nodes.size() && name_of(graph_.nodes[next_].operation) == operation;
  }

  template <typename Wanted>
  const Node& take(const char* what) {
    if (next_ == graph_.nodes.size()) fail("the network ends where {} should follow", what);
    const Node& node = graph_.nodes[next_];
    if (!std::holds_alternative<Wanted>(node.operation) || node.inputs[0] != at_)
      fail("node '{}' ({}) stands where LightGestureNet has {}", node.name, name_of(node.operation), what);
    step();
    return node;
  }

  void take_activation() {
    const bool clips = at_a("Clip");
    if (clips && std::get<Clip>(take<Clip>("ReLU6").operation) != Clip{0, 6})
      fail("node '{}' clips to other bounds than ReLU6", graph_.nodes[next_ - 1].name);
    if (!clips) take<Relu>("an activation");
    const auto kind = clips ? ActivationKind::kRelu6 : ActivationKind::kRelu;
    if (activation_.value_or(kind) != kind) fail("it has both ReLU and ReLU6");
    activation_ = kind;
  }
  ActivationKind activation() const { return activation_.value_or(ActivationKind::kRelu6); }

  // An Add of `shortcut`, if that is next.
  void take_shortcut(TensorIndex shortcut) {
    if (!at_a("Add")) return;
    const Node& node = graph_.nodes[next_];
    if (!std::ranges::is_permutation(node.inputs, std::vector{shortcut, at_}))
      fail("node '{}' adds other tensors than a block's input and output", node.name);
    step();
  }

  void finish() const {
    if (next_ != graph_.nodes.size())
      fail("node '{}' follows behind the classifier", graph_.nodes[next_].name);
  }

 private:
  void step() { at_ = graph_.nodes[next_++].output; }

  const Graph& graph_;
  TensorIndex at_;
  std::size_t next_ = 0;
  std::optional<ActivationKind> activation_;
};

void add_array(StateDict& state, std::string name, Shape shape, std::vector<float> values) {
  state.tensors.push_back({std::move(name), std::move(shape), std::move(values)});
}

// Takes a Conv of this form and adds its weights and an identity normalisation; gives its stride.
int take_conv(Walker& walker, StateDict& state, const std::string& prefix, int index, bool depthwise,
              int side) {
  const Node& node = walker.take<Conv>("a Conv");
  const Conv& conv = std::get<Conv>(node.operation);
  const Window& window = conv.window;
  const int pad = side / 2, stride = window.stride_h;
  if (window != Window{side, side, stride, stride, pad, pad, pad, pad} || conv.depthwise != depthwise ||
      conv.fused_relu || stride > 2)
    fail("node '{}' is another Conv than LightGestureNet has there", node.name);
  const Tensor& weight = walker.graph().tensor(node.inputs[1]);
  const auto channels = static_cast<std::size_t>(weight.shape[0]);
  std::vector<float> biases(channels, 0.0f);
  if (node.inputs.size() > 2) biases = float_values(walker.graph().tensor(node.inputs[2]));

  const std::string norm = fmt::format("{}.{}.", prefix, index + 1);
  const Shape per_channel{weight.shape[0]};
  add_array(state, fmt::format("{}.{}.weight", prefix, index), weight.shape, float_values(weight));
  add_array(state, norm + "weight", per_channel, std::vector<float>(channels, 1.0f));
  add_array(state, norm + "bias", per_channel, std::move(biases));
  add_array(state, norm + "running_mean", per_channel, std::vector<float>(channels, 0.0f));
  add_array(state, norm + "running_var", per_channel,
            std::vector<float>(channels, static_cast<float>(1 - kEpsilon)));
  state.tensors.push_back({norm + "num_batches_tracked", {}, std::vector<std::int64_t>{0}});
  return stride;
}

int take_block(Walker& walker, StateDict& state, const std::string& name) {
  const TensorIndex shortcut = walker.at();
  take_conv(walker, state, name, 0, false, 1);
  walker.take_activation();
  const int stride = take_conv(walker, state, name, 3, true, 3);
  walker.take_activation();
  take_conv(walker, state, name, 6, false, 1);
  const Graph& graph = walker.graph();
  const bool same_shape = graph.tensor(shortcut).shape == graph.tensor(walker.at()).shape;
  if (same_shape != walker.at_a("Add"))
    fail("block '{}' {} a shortcut, against LightGestureNet's rule", name, same_shape ? "lacks" : "has");
  walker.take_shortcut(shortcut);
  return stride;
}

}  // namespace

Graph light_gesture_net(const StateDict& state, const Architecture& architecture) {
  const std::size_t blocks = architecture.block_strides.size();
  if (find(state, fmt::format("layers.{}.conv.0.weight", blocks)) != nullptr)
    fail("there are weights of more than {} blocks", blocks);
  Assembler net(state, architecture.activation, architecture.image_side);
  net.conv_and_normalisation("first", 0, Assembler::Kind::kDense, 3, 2);
  net.activation("first.2");
  for (std::size_t i = 0; i < blocks; ++i)
    net.inverted_residual(fmt::format("layers.{}", i), architecture.block_strides[i]);
  Graph graph = net.classify();
  verify(graph, "light_gesture_net");
  return graph;
}

LightGestureNet light_gesture_net_of(const Graph& graph) {
  const Graph folded = fold_batch_normalization(graph);
  LightGestureNet net;
  Walker walker(folded);
  const Shape& input = folded.tensor(folded.input).shape;
  if (input.size() != 4 || input[1] != input[2] || input[3] != 1) fail("the input is no square gray picture");
  net.architecture.image_side = static_cast<int>(input[1]);
  if (take_conv(walker, net.state, "first", 0, false, 3) != 2) fail("the first Conv's stride is not 2");
  walker.take_activation();
  while (walker.at_a("Conv"))
    net.architecture.block_strides.push_back(
        take_block(walker, net.state, fmt::format("layers.{}.conv", net.architecture.block_strides.size())));
  walker.take<GlobalAveragePool>("GlobalAveragePool");
  walker.take<Flatten>("Flatten");
  const Node& gemm = walker.take<Gemm>("the classifier's Gemm");
  const Tensor& weight = folded.tensor(gemm.inputs[1]);
  const auto classes = static_cast<std::size_t>(weight.shape[0]);
  add_array(net.state, "classifier.2.weight", weight.shape, float_values(weight));
  add_array(net.state, "classifier.2.bias", {weight.shape[0]},
            gemm.inputs.size() > 2 ? float_values(folded.tensor(gemm.inputs[2]))
                                   : std::vector<float>(classes, 0.0f));
  walker.finish();
  net.architecture.activation = walker.activation();
  return net;
}

}  // namespace mudra::graph
