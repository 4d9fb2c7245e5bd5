#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::format {
namespace {

using graph::Graph;
using graph::Layout;
using graph::TensorIndex;

// [out, h, w, in] to [out, in, h, w]; a depthwise [1, h, w, channels] to [channels, 1, h, w].
std::vector<float> weights_of(const TfliteTensor& weight, bool depthwise) {
  const auto& values = std::get<std::vector<float>>(*weight.values);
  const auto size = [&](std::size_t axis) { return static_cast<std::size_t>(weight.shape[axis]); };
  const std::size_t out = depthwise ? size(3) : size(0), in = depthwise ? 1 : size(3),
                    taps = size(1) * size(2);
  std::vector<float> moved(values.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t t = 0; t < taps; ++t)
        moved[(o * in + i) * taps + t] = values[depthwise ? t * out + o : (o * taps + t) * in + i];
  return moved;
}

class Raising {
 public:
  explicit Raising(const TfliteModel& model) : model_(model) {
    graph_.name = model.description;
    graph_.class_names = model.class_names;
    graph_.metadata = model.metadata;
    const std::vector<int>& shape = model.tensor(model.input).shape;
    graph_.input = add_tensor(graph_, {.name = free_name(model.tensor(model.input).name),
                                       .shape = {shape.begin(), shape.end()},
                                       .exponent = {},
                                       .values = {}});
    raised_[model.input] = graph_.input;
  }

  Graph raise() {
    for (const TfliteOperator& raised : model_.operators)
      std::visit([&](const auto& operation) { raise(raised, operation); }, raised.operation);
    const auto output = raised_.find(model_.output);
    if (output == raised_.end()) fail("its output comes from a PAD");
    graph_.output = output->second;
    verify(graph_);
    return std::move(graph_);
  }

 private:
  struct Pads {
    int input;
    int top, bottom, left, right;
  };

  std::string free_name(std::string name) {
    if (name.empty()) name = "tensor";
    while (!names_.insert(name).second) name += "_";
    return name;
  }
  const std::string& output_name(const TfliteOperator& raised) const {
    return model_.tensor(raised.output).name;
  }

  TensorIndex activation(int i) const {
    const auto found = raised_.find(i);
    if (found == raised_.end())
      fail("'{}' comes from a PAD, which only convolutions without padding of their own may read",
           model_.tensor(i).name);
    return found->second;
  }

  // Adds the node for `raised`, with its activation behind it, as the tensor it writes.
  void add(const TfliteOperator& raised, graph::Operation operation, std::vector<TensorIndex> inputs,
           TfliteActivation activation = TfliteActivation::kNone) {
    const bool acts = activation != TfliteActivation::kNone;
    const std::string name = free_name(output_name(raised) + (acts ? ".linear" : ""));
    with_context(fmt::format("node '{}' ({})", name, name_of(raised.operation)), [&] {
      TensorIndex output = graph::add_node(graph_, name, std::move(operation), std::move(inputs));
      if (acts)
        output = graph::add_node(graph_, free_name(output_name(raised)), operation_of(activation), {output});
      raised_[raised.output] = output;
    });
  }
  static graph::Operation operation_of(TfliteActivation activation) {
    if (activation == TfliteActivation::kRelu) return graph::Relu{};
    return activation == TfliteActivation::kRelu6 ? graph::Clip{0, 6} : graph::Clip{-1, 1};
  }

  TensorIndex constant(int i, Layout layout, std::vector<float> values, graph::Shape shape) {
    return graph::add_constant(graph_, free_name(model_.tensor(i).name), std::move(shape), layout,
                               std::move(values));
  }
  TensorIndex bias(int i) {
    const auto& values = std::get<std::vector<float>>(*model_.tensor(i).values);
    return constant(i, Layout::kVector, values, {std::ssize(values)});
  }

  // The window, with the pads of a PAD in front; `input` becomes the tensor in front of that.
  graph::Window window_of(const TfliteSliding& sliding, int kernel_h, int kernel_w, int& input) const {
    graph::Window window{.kernel_h = kernel_h,
                         .kernel_w = kernel_w,
                         .stride_h = sliding.stride_h,
                         .stride_w = sliding.stride_w};
    if (const auto pad = pads_.find(input); pad != pads_.end() && sliding.padding == TflitePadding::kValid) {
      const Pads& pads = pad->second;
      input = pads.input;
      window.pad_top = pads.top;
      window.pad_bottom = pads.bottom;
      window.pad_left = pads.left;
      window.pad_right = pads.right;
    } else if (sliding.padding == TflitePadding::kSame) {
      const std::vector<int>& in = model_.tensor(input).shape;
      const auto total = [](int side, int kernel, int stride) {
        return std::max(((side + stride - 1) / stride - 1) * stride + kernel - side, 0);
      };
      const int rows = total(in[1], kernel_h, sliding.stride_h),
                columns = total(in[2], kernel_w, sliding.stride_w);
      window.pad_top = rows / 2;
      window.pad_bottom = rows - rows / 2;
      window.pad_left = columns / 2;
      window.pad_right = columns - columns / 2;
    }
    return window;
  }

  void raise_conv(const TfliteOperator& raised, const TfliteSliding& sliding,
                  TfliteActivation activation_kind, bool depthwise) {
    int input = raised.inputs[0];
    const TfliteTensor& weight = model_.tensor(raised.inputs[1]);
    const graph::Conv conv{.window = window_of(sliding, weight.shape[1], weight.shape[2], input),
                           .depthwise = depthwise,
                           .fused_relu = false};
    const graph::Shape shape{weight.shape[depthwise ? 3 : 0], depthwise ? 1 : weight.shape[3],
                             weight.shape[1], weight.shape[2]};
    const TensorIndex weights =
        constant(raised.inputs[1], Layout::kOihw, weights_of(weight, depthwise), shape);
    const TensorIndex biases = bias(raised.inputs[2]);
    add(raised, conv, {activation(input), weights, biases}, activation_kind);
  }

  void raise(const TfliteOperator& raised, const TfliteConv2d& conv) {
    raise_conv(raised, conv.sliding, conv.activation, false);
  }
  void raise(const TfliteOperator& raised, const TfliteDepthwiseConv2d& conv) {
    raise_conv(raised, conv.sliding, conv.activation, true);
  }
  void raise(const TfliteOperator& raised, const TflitePad&) {
    const auto& pads = std::get<std::vector<std::int32_t>>(*model_.tensor(raised.inputs[1]).values);
    pads_[raised.output] = {raised.inputs[0], pads[2], pads[3], pads[4], pads[5]};
  }
  void raise(const TfliteOperator& raised, const TfliteAdd& sum) {
    add(raised, graph::Add{}, {activation(raised.inputs[0]), activation(raised.inputs[1])}, sum.activation);
  }
  void raise(const TfliteOperator& raised, const TfliteAveragePool2d& pool) {
    int input = raised.inputs[0];
    const graph::Window window = window_of(pool.filter.sliding, pool.filter.height, pool.filter.width, input);
    const std::vector<int>& in = model_.tensor(input).shape;
    graph::Window whole;
    whole.kernel_h = in[1];
    whole.kernel_w = in[2];
    if (window == whole) return add(raised, graph::GlobalAveragePool{}, {activation(input)});
    // What a PAD in front adds is counted; SAME's own padding is not.
    add(raised, graph::AveragePool{window, !window.is_padded() || input != raised.inputs[0]},
        {activation(input)});
  }
  void raise(const TfliteOperator& raised, const TfliteMaxPool2d& pool) {
    int input = raised.inputs[0];
    const TensorIndex in = activation(input);  // no PAD, whose zeros could be the largest
    add(raised, graph::MaxPool{window_of(pool.filter.sliding, pool.filter.height, pool.filter.width, input)},
        {in});
  }
  void raise(const TfliteOperator& raised, const TfliteTranspose&) {
    const auto& axes = std::get<std::vector<std::int32_t>>(*model_.tensor(raised.inputs[1]).values);
    add(raised, graph::Transpose{{axes.begin(), axes.end()}}, {activation(raised.inputs[0])});
  }
  void raise(const TfliteOperator& raised, const TfliteReshape&) {
    add(raised, graph::Flatten{}, {activation(raised.inputs[0])});
  }
  void raise(const TfliteOperator& raised, const TfliteFullyConnected& layer) {
    const TfliteTensor& weight = model_.tensor(raised.inputs[1]);
    const TensorIndex weights =
        constant(raised.inputs[1], Layout::kOi, std::get<std::vector<float>>(*weight.values),
                 {weight.shape.begin(), weight.shape.end()});
    const TensorIndex biases = bias(raised.inputs[2]);
    add(raised, graph::Gemm{}, {activation(raised.inputs[0]), weights, biases}, layer.activation);
  }

  const TfliteModel& model_;
  Graph graph_;
  std::map<int, TensorIndex> raised_;
  std::map<int, Pads> pads_;
  std::set<std::string> names_;
};

}  // namespace

Graph graph_of(const TfliteModel& model) {
  if (model.is_int8()) fail("an int8 model has no float graph");
  return Raising(model).raise();
}

}  // namespace mudra::format
