#include <algorithm>
#include <limits>
#include <map>

#include "mudra/base/error.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"

namespace mudra::format {
namespace {

using graph::Graph;
using graph::Node;
using graph::TensorIndex;
using graph::Type;

// [out, in, h, w] to [out, h, w, in]; a depthwise [channels, 1, h, w] to [1, h, w, channels].
std::vector<float> weights_of(const graph::Tensor& weight, bool depthwise) {
  const std::vector<float>& values = float_values(weight);
  const auto out = static_cast<std::size_t>(weight.shape[0]), in = static_cast<std::size_t>(weight.shape[1]);
  const std::size_t taps = values.size() / (out * in);
  std::vector<float> moved(values.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t t = 0; t < taps; ++t)
        moved[depthwise ? t * out + o : (o * taps + t) * in + i] = values[(o * in + i) * taps + t];
  return moved;
}

// What TensorFlow's SAME puts in front of and behind an axis.
std::pair<int, int> same_padding(std::int64_t side, int kernel, int stride) {
  const auto out = (side + stride - 1) / stride;
  const auto total = static_cast<int>(std::max<std::int64_t>((out - 1) * stride + kernel - side, 0));
  return {total / 2, total - total / 2};
}

class Lowering {
 public:
  explicit Lowering(const Graph& graph) : graph_(graph) {
    model_.description = graph.name;
    model_.class_names = graph.class_names;
    model_.metadata = graph.metadata;
    model_.input = activation(graph.input);
  }

  TfliteModel lower() {
    for (const Node& node : graph_.nodes)
      if (!lowered_.contains(node.output))
        std::visit([&](const auto& operation) { lower(node, operation); }, node.operation);
    model_.output = lowered_.at(graph_.output);
    verify(model_, "turning it into TFLite");
    return std::move(model_);
  }

 private:
  int add_tensor(TfliteTensor tensor) {
    model_.tensors.push_back(std::move(tensor));
    return static_cast<int>(model_.tensors.size() - 1);
  }
  int add_constant(const std::string& name, std::vector<int> shape, Type type, graph::Values values) {
    return add_tensor({.name = name,
                       .shape = std::move(shape),
                       .type = type,
                       .quantization = {},
                       .values = std::move(values)});
  }

  // The model's tensor for an activation of the graph.
  int activation(TensorIndex i) {
    if (const auto known = lowered_.find(i); known != lowered_.end()) return known->second;
    const graph::Tensor& tensor = graph_.tensor(i);
    lowered_[i] = add_tensor({.name = tensor.name,
                              .shape = {tensor.shape.begin(), tensor.shape.end()},
                              .type = Type::kFloat32,
                              .quantization = {},
                              .values = {}});
    return lowered_[i];
  }

  void add(TfliteOperation operation, std::vector<int> inputs, TensorIndex output) {
    model_.operators.push_back({operation, std::move(inputs), activation(output)});
  }

  int bias_of(const Node& node) {
    const graph::Shape& weight = graph_.tensor(node.inputs[1]).shape;
    const auto channels = static_cast<int>(weight[0]);
    if (node.inputs.size() < 3)
      return add_constant(node.name + ".bias", {channels}, Type::kFloat32,
                          std::vector<float>(static_cast<std::size_t>(channels), 0.0f));
    const graph::Tensor& bias = graph_.tensor(node.inputs[2]);
    return add_constant(bias.name, {channels}, Type::kFloat32, float_values(bias));
  }

  // The activation behind `node`, which goes into it, and the tensor it computes then.
  struct Finish {
    TfliteActivation activation;
    TensorIndex output;
  };
  Finish finish_of(const Node& node, bool fused_relu) const {
    const Node* reader = fused_relu ? nullptr : sole_reader(graph_, node.output);
    if (reader != nullptr && std::holds_alternative<graph::Relu>(reader->operation))
      return {TfliteActivation::kRelu, reader->output};
    if (reader != nullptr && std::holds_alternative<graph::Clip>(reader->operation))
      return {activation_of(*reader), reader->output};
    return {fused_relu ? TfliteActivation::kRelu : TfliteActivation::kNone, node.output};
  }
  static TfliteActivation activation_of(const Node& node) {
    const auto& clip = std::get<graph::Clip>(node.operation);
    if (clip == graph::Clip{0, 6}) return TfliteActivation::kRelu6;
    if (clip == graph::Clip{-1, 1}) return TfliteActivation::kReluN1To1;
    if (clip.low == 0 && clip.high >= std::numeric_limits<float>::max()) return TfliteActivation::kRelu;
    fail("node '{}' clips to [{}, {}]; TensorFlow Lite has [0, 6], [-1, 1] and [0, inf]", node.name, clip.low,
         clip.high);
  }

  // The padding rule that does what `window` asks for; where none does, VALID behind a PAD. `input` becomes
  // the tensor to read.
  TflitePadding padding_for(const Node& node, const graph::Window& window, int& input) {
    if (!window.is_padded()) return TflitePadding::kValid;
    if (is_same(node, window)) return TflitePadding::kSame;
    input = padded(node, window, input);
    return TflitePadding::kValid;
  }

  // What a PAD makes of `input` for `window`.
  int padded(const Node& node, const graph::Window& window, int input) {
    const std::pair rows(window.pad_top, window.pad_bottom), columns(window.pad_left, window.pad_right);
    std::vector<int> shape = model_.tensor(input).shape;
    shape[1] += rows.first + rows.second;
    shape[2] += columns.first + columns.second;
    const int padding = add_constant(
        node.name + ".padding", {4, 2}, Type::kInt32,
        std::vector<std::int32_t>{0, 0, rows.first, rows.second, columns.first, columns.second, 0, 0});
    const int result = add_tensor({.name = node.name + ".padded",
                                   .shape = std::move(shape),
                                   .type = Type::kFloat32,
                                   .quantization = {},
                                   .values = {}});
    model_.operators.push_back({TflitePad{}, {input, padding}, result});
    return result;
  }

  void lower(const Node& node, const graph::Conv& conv) {
    int input = activation(node.inputs[0]);
    const graph::Window& window = conv.window;
    const TfliteSliding sliding{padding_for(node, window, input), window.stride_h, window.stride_w};
    const graph::Tensor& weight = graph_.tensor(node.inputs[1]);
    const auto out = static_cast<int>(weight.shape[0]), in = static_cast<int>(weight.shape[1]);
    std::vector<int> shape{out, window.kernel_h, window.kernel_w, in};
    if (conv.depthwise) shape = {1, window.kernel_h, window.kernel_w, out};
    const int weights =
        add_constant(weight.name, std::move(shape), Type::kFloat32, weights_of(weight, conv.depthwise));
    const int bias = bias_of(node);
    const Finish finish = finish_of(node, conv.fused_relu);
    if (conv.depthwise)
      add(TfliteDepthwiseConv2d{sliding, finish.activation}, {input, weights, bias}, finish.output);
    else
      add(TfliteConv2d{sliding, finish.activation}, {input, weights, bias}, finish.output);
  }
  void lower(const Node& node, const graph::Gemm& gemm) {
    const graph::Tensor& weight = graph_.tensor(node.inputs[1]);
    const int weights = add_constant(weight.name, {weight.shape.begin(), weight.shape.end()}, Type::kFloat32,
                                     float_values(weight));
    const int bias = bias_of(node);
    const Finish finish = finish_of(node, gemm.fused_relu);
    add(TfliteFullyConnected{finish.activation}, {activation(node.inputs[0]), weights, bias}, finish.output);
  }
  void lower(const Node& node, const graph::Add&) {
    const Finish finish = finish_of(node, false);
    add(TfliteAdd{finish.activation}, {activation(node.inputs[0]), activation(node.inputs[1])},
        finish.output);
  }
  void lower(const Node& node, const graph::GlobalAveragePool&) {
    const graph::Shape& in = graph_.tensor(node.inputs[0]).shape;
    add(TfliteAveragePool2d{{{}, static_cast<int>(in[1]), static_cast<int>(in[2])}},
        {activation(node.inputs[0])}, node.output);
  }
  void lower(const Node& node, const graph::MaxPool& pool) {
    add(TfliteMaxPool2d{filter_of(node, pool.window)}, {activation(node.inputs[0])}, node.output);
  }
  void lower(const Node& node, const graph::AveragePool& pool) {
    int input = activation(node.inputs[0]);
    graph::Window window = pool.window;
    if (pool.count_include_pad && window.is_padded()) {
      input = padded(node, window, input);
      window.pad_top = window.pad_left = window.pad_bottom = window.pad_right = 0;
    }
    add(TfliteAveragePool2d{filter_of(node, window)}, {input}, node.output);
  }
  void lower(const Node& node, const graph::Transpose& transpose) {
    const std::vector<std::int32_t> axes(transpose.permutation.begin(), transpose.permutation.end());
    if (axes.size() != 4 || axes[0] != 0) fail("node '{}': only the axes of a map can be moved", node.name);
    const int order = add_constant(node.name + ".axes", {4}, Type::kInt32, axes);
    add(TfliteTranspose{}, {activation(node.inputs[0]), order}, node.output);
  }

  bool is_same(const Node& node, const graph::Window& window) const {
    const graph::Shape& in = graph_.tensor(node.inputs[0]).shape;
    return std::pair(window.pad_top, window.pad_bottom) ==
               same_padding(in[1], window.kernel_h, window.stride_h) &&
           std::pair(window.pad_left, window.pad_right) ==
               same_padding(in[2], window.kernel_w, window.stride_w);
  }
  // Of a pool, whose padding no PAD can do.
  TfliteFilter filter_of(const Node& node, const graph::Window& window) const {
    if (window.is_padded() && !is_same(node, window))
      fail("node '{}': padding of {} {} {} {} is neither none nor TensorFlow's SAME", node.name,
           window.pad_top, window.pad_left, window.pad_bottom, window.pad_right);
    const auto padding = window.is_padded() ? TflitePadding::kSame : TflitePadding::kValid;
    return {{padding, window.stride_h, window.stride_w}, window.kernel_h, window.kernel_w};
  }
  void lower(const Node& node, const graph::Flatten&) {
    const int input = activation(node.inputs[0]);
    const int shape = add_constant(
        node.name + ".shape", {2}, Type::kInt32,
        std::vector<std::int32_t>{1, static_cast<std::int32_t>(graph_.tensor(node.output).shape[1])});
    add(TfliteReshape{}, {input, shape}, node.output);
  }
  void lower(const Node& node, const graph::Clip&) { refuse_activation(node); }
  void lower(const Node& node, const graph::Relu&) { refuse_activation(node); }
  template <typename Other>
  void lower(const Node& node, const Other&) {
    fail("node '{}': {} is not supported in a TensorFlow Lite file; ONNX files have it", node.name,
         name_of(node.operation));
  }

  [[noreturn]] static void refuse_activation(const Node& node) {
    fail("node '{}': {} is supported only where it alone reads a Conv, Gemm or Add", node.name,
         name_of(node.operation));
  }
  const Graph& graph_;
  TfliteModel model_;
  std::map<TensorIndex, int> lowered_;
};

}  // namespace

TfliteModel tflite_of(const Graph& graph) { return Lowering(fold_batch_normalization(graph)).lower(); }

}  // namespace mudra::format
