#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/espdl_container.hpp"
#include "mudra/format/espdl_layout.hpp"
#include "mudra/format/espdl_payload.hpp"
#include "mudra/format/operation_counts.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::format {
namespace {

constexpr std::int64_t kMaxExponent = 100;  // of either sign
constexpr std::int64_t kMaxActivations = std::int64_t{1} << 26;
constexpr std::size_t kMaxParts = 64;  // of a Concat

// A node's attributes by name. Every getter throws Error for an attribute of another type.
class Attributes {
 public:
  explicit Attributes(const StoredNode& node) : node_(node) {}

  template <typename T>
  T get(std::string_view name, T otherwise) const {
    const auto it = std::ranges::find(node_.attributes, name, &StoredAttribute::name);
    if (it == node_.attributes.end()) return otherwise;
    if (const T* value = std::get_if<T>(&it->value)) return *value;
    fail("attribute '{}' is of an unexpected type", name);
  }

  std::vector<int> small_ints(std::string_view name, const std::vector<std::int64_t>& otherwise) const {
    const auto values = get(name, otherwise);
    if (values.size() != otherwise.size())
      fail("attribute '{}' has {} numbers, not {}", name, values.size(), otherwise.size());
    std::vector<int> numbers;
    for (const std::int64_t value : values) {
      if (value < 0 || value > 1 << 20) fail("attribute '{}' is {}", name, value);
      numbers.push_back(static_cast<int>(value));
    }
    return numbers;
  }

  bool fused_relu() const {
    const std::string activation = get<std::string>("activation", "Linear");
    if (activation != "Linear" && activation != "Relu") fail("activation '{}' is not supported", activation);
    return activation == "Relu";
  }

 private:
  const StoredNode& node_;
};

int small_exponent(std::optional<std::int64_t> exponent, const std::string& name) {
  if (!exponent) fail("'{}' has no exponent", name);
  if (*exponent < -kMaxExponent || *exponent > kMaxExponent) fail("'{}' has exponent {}", name, *exponent);
  return static_cast<int>(*exponent);
}

std::size_t side(const StoredTensor& tensor, std::size_t axis) {
  return static_cast<std::size_t>(tensor.dims[axis]);
}

graph::Shape shape_of(std::initializer_list<std::size_t> sizes) {
  graph::Shape shape;
  for (const std::size_t size : sizes) shape.push_back(static_cast<std::int64_t>(size));
  return shape;
}

class GraphReader {
 public:
  explicit GraphReader(const Payload& payload) : payload_(payload) {
    for (const auto* list : {&payload.inputs, &payload.outputs, &payload.values})
      for (const StoredValue& value : *list) values_.emplace(value.name, &value);
    for (const StoredTensor& tensor : payload.initializers)
      if (!initializers_.emplace(tensor.name, &tensor).second)
        fail("two tensors are called '{}'", tensor.name);
  }

  graph::Graph read() {
    check_operations();
    for (const StoredTensor& tensor : payload_.initializers) check_finite(tensor);
    if (payload_.inputs.size() != 1 || payload_.outputs.size() != 1)
      fail("it has {} inputs and {} outputs; one of each is supported", payload_.inputs.size(),
           payload_.outputs.size());
    graph_.name = payload_.graph_name;
    graph_.input = activation(payload_.inputs[0].name);
    for (const StoredNode& node : payload_.nodes)
      with_context(fmt::format("node '{}'", node.name), [&] { add(node); });
    const auto output = graph::find_tensor(graph_, payload_.outputs[0].name);
    if (!output) fail("no node writes the output '{}'", payload_.outputs[0].name);
    graph_.output = *output;
    return std::move(graph_);
  }

 private:
  struct Kind {
    std::string_view op_type;
    std::size_t fewest_inputs, most_inputs;
    graph::Operation (GraphReader::*read)(const StoredNode&, std::vector<graph::TensorIndex>&);
  };

  static std::span<const Kind> kinds() {
    static constexpr Kind kKinds[] = {{"Conv", 2, 3, &GraphReader::read_conv},
                                      {"Gemm", 2, 3, &GraphReader::read_gemm},
                                      {"Clip", 3, 3, &GraphReader::read_clip},
                                      {"Relu", 1, 1, &GraphReader::read_relu},
                                      {"Add", 2, 2, &GraphReader::read_add},
                                      {"Mul", 2, 2, &GraphReader::read_mul},
                                      {"Concat", 1, kMaxParts, &GraphReader::read_concat},
                                      {"MaxPool", 1, 1, &GraphReader::read_max_pool},
                                      {"AveragePool", 1, 1, &GraphReader::read_average_pool},
                                      {"LeakyRelu", 1, 1, &GraphReader::read_activation},
                                      {"Elu", 1, 1, &GraphReader::read_activation},
                                      {"Sigmoid", 1, 1, &GraphReader::read_activation},
                                      {"Tanh", 1, 1, &GraphReader::read_activation},
                                      {"HardSigmoid", 1, 1, &GraphReader::read_activation},
                                      {"HardSwish", 1, 1, &GraphReader::read_activation},
                                      {"Swish", 1, 1, &GraphReader::read_activation},
                                      {"PRelu", 2, 2, &GraphReader::read_prelu},
                                      {"Reshape", 2, 2, &GraphReader::read_reshape},
                                      {"GlobalAveragePool", 1, 1, &GraphReader::read_global_average_pool},
                                      {"Flatten", 1, 1, &GraphReader::read_flatten},
                                      {"Transpose", 1, 1, &GraphReader::read_transpose},
                                      {"RequantizeLinear", 1, 3, &GraphReader::read_requantize}};
    return kKinds;
  }

  // No chip reads a float, but one that is no number says that the file is not what was meant.
  static void check_finite(const StoredTensor& tensor) {
    const auto* values = std::get_if<std::vector<float>>(&tensor.values);
    if (values != nullptr && !std::ranges::all_of(*values, [](float value) { return std::isfinite(value); }))
      fail("constant '{}' holds values that are not finite", tensor.name);
  }

  void check_operations() const {
    OperationCounts unknown;
    for (const StoredNode& node : payload_.nodes)
      if (std::ranges::find(kinds(), node.op_type, &Kind::op_type) == kinds().end())
        unknown.add(node.op_type);
    unknown.refuse(kinds(), &Kind::op_type);
  }

  void add(const StoredNode& stored) {
    const auto kind = std::ranges::find(kinds(), stored.op_type, &Kind::op_type);
    const std::size_t inputs = stored.inputs.size();
    if (inputs < kind->fewest_inputs || inputs > kind->most_inputs || stored.outputs.size() != 1)
      fail("it has {} inputs and {} outputs", inputs, stored.outputs.size());
    graph::Node node{stored.name, {}, {operand(stored.inputs[0])}, 0};
    node.operation = (this->*kind->read)(stored, node.inputs);
    node.output = activation(stored.outputs[0]);
    check_width(stored, graph_.tensor(node.output));
    graph_.nodes.push_back(std::move(node));
  }

  // "S8" and "S16" tell the chip which kernel to run; nodes that only move data run without one.
  static void check_width(const StoredNode& node, const graph::Tensor& output) {
    const std::string quant_type = Attributes(node).get<std::string>("quant_type", "");
    const bool wrong = (quant_type == "S8" && output.type != graph::Type::kInt8) ||
                       (quant_type == "S16" && output.type != graph::Type::kInt16);
    if (wrong) fail("it is {} but its output is {}", quant_type, graph::name_of(output.type));
  }

  graph::TensorIndex add_tensor(graph::Tensor tensor) {
    graph_.tensors.push_back(std::move(tensor));
    const auto index = static_cast<graph::TensorIndex>(graph_.tensors.size() - 1);
    indices_.emplace(graph_.tensors.back().name, index);
    return index;
  }

  graph::TensorIndex activation(const std::string& name) {
    if (const auto it = indices_.find(name); it != indices_.end()) return it->second;
    const auto it = values_.find(name);
    if (it == values_.end()) fail("nothing is said about its tensor '{}'", name);
    const StoredValue& value = *it->second;
    if (!value.problem.empty()) fail("{}", value.problem);
    if (value.type != graph::Type::kInt8 && value.type != graph::Type::kInt16)
      fail("'{}' is {}; only int8 and int16 activations are supported", name, graph::name_of(value.type));
    if (value.shape.size() != 4 && value.shape.size() != 2)
      fail("'{}' has {} dimensions; 2 and 4 are supported", name, value.shape.size());
    activations_ += graph::element_count(value.shape);
    if (activations_ > kMaxActivations) fail("the activations have more than {} elements", kMaxActivations);
    return add_tensor({.name = name,
                       .shape = value.shape,
                       .layout = value.shape.size() == 4 ? graph::Layout::kNhwc : graph::Layout::kNc,
                       .type = value.type,
                       .exponent = small_exponent(value.exponent, name),
                       .values = {}});
  }

  // Either of a Mul may be a constant.
  graph::TensorIndex operand(const std::string& name) {
    const auto constant = initializers_.find(name);
    if (constant == initializers_.end()) return activation(name);
    const StoredTensor& stored = *constant->second;
    const std::int64_t count = graph::element_count(stored.dims);
    return add_constant(stored, {1, 1, 1, count}, graph::Layout::kNhwc, initializer(name).values);
  }

  const StoredTensor& initializer(const std::string& name) const {
    const auto it = initializers_.find(name);
    if (it == initializers_.end()) fail("'{}' is no constant of the file", name);
    if (!it->second->problem.empty()) fail("{}", it->second->problem);
    return *it->second;
  }

  // The weight's values in OIHW order.
  graph::Values weight_values(const StoredTensor& stored, const WeightForm& form) const {
    static constexpr std::string_view kFor8[] = {"N16HWC16", "(N/16)HWC16"},
                                      kFor16[] = {"N8HWC8", "(N/8)HWC8"};
    const auto convert = [&]<typename Integer>(const std::vector<Integer>& values) -> graph::Values {
      if constexpr (sizeof(Integer) > 2 || std::is_same_v<Integer, float>) {
        fail("its weight '{}' is neither int8 nor int16", stored.name);
      } else {
        check_layout(stored, sizeof(Integer) == 1 ? kFor8 : kFor16, form.out % kBlock<Integer> != 0);
        return oihw_from_stored<Integer>(form, values);
      }
    };
    return std::visit(convert, stored.values);
  }

  static void check_layout(const StoredTensor& stored, std::span<const std::string_view> expected,
                           bool remainder) {
    for (const std::string_view layout : expected)
      if (stored.doc_string == fmt::format("layout ==> {}{}", layout, remainder ? "_UNALIGNED" : "")) return;
    fail("its weight '{}' is not laid out for an ESP32-S3 ('{}')", stored.name, stored.doc_string);
  }

  graph::TensorIndex add_constant(const StoredTensor& stored, graph::Shape shape, graph::Layout layout,
                                  graph::Values values) {
    if (indices_.contains(stored.name)) fail("'{}' is used twice", stored.name);
    const auto type = static_cast<graph::Type>(values.index());
    return add_tensor({.name = stored.name,
                       .shape = std::move(shape),
                       .layout = layout,
                       .type = type,
                       .exponent = small_exponent(stored.exponent, stored.name),
                       .values = std::move(values)});
  }

  void add_bias(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    if (node.inputs.size() < 3) return;
    const StoredTensor& stored = initializer(node.inputs[2]);
    if (!std::holds_alternative<std::vector<std::int32_t>>(stored.values) &&
        !std::holds_alternative<std::vector<std::int64_t>>(stored.values))
      fail("its bias '{}' is neither int32 nor int64", stored.name);
    inputs.push_back(
        add_constant(stored, {graph::element_count(stored.dims)}, graph::Layout::kVector, stored.values));
  }

  static graph::Window window_of(const Attributes& attributes, std::int64_t kernel_h, std::int64_t kernel_w) {
    if (attributes.get<std::string>("auto_pad", "NOTSET") != "NOTSET") fail("auto_pad is not supported");
    if (attributes.small_ints("dilations", {1, 1}) != std::vector{1, 1}) fail("dilations are not supported");
    const auto strides = attributes.small_ints("strides", {1, 1});
    const auto pads = attributes.small_ints("pads", {0, 0, 0, 0});  // top, left, bottom, right
    const auto kernel = attributes.small_ints("kernel_shape", {kernel_h, kernel_w});
    return {.kernel_h = kernel[0],
            .kernel_w = kernel[1],
            .stride_h = strides[0],
            .stride_w = strides[1],
            .pad_top = pads[0],
            .pad_left = pads[1],
            .pad_bottom = pads[2],
            .pad_right = pads[3]};
  }

  graph::Operation read_conv(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const Attributes attributes(node);
    const StoredTensor& stored = initializer(node.inputs[1]);
    if (stored.dims.size() != 4) fail("its weight has {} dimensions, not 4", stored.dims.size());
    const std::int64_t group = attributes.get<std::int64_t>("group", 1);
    graph::Conv conv{.window = {}, .depthwise = group != 1, .fused_relu = attributes.fused_relu()};
    const std::size_t channel_axis = conv.depthwise ? 2 : 3;
    const WeightForm form{.out = side(stored, channel_axis),
                          .in = side(stored, 5 - channel_axis),
                          .kernel_h = side(stored, 0),
                          .kernel_w = side(stored, 1),
                          .depthwise = conv.depthwise};
    if (conv.depthwise && (form.in != 1 || group != stored.dims[2]))
      fail("{} groups of {} channels; only one or one per channel are supported", group, form.in);
    conv.window = window_of(attributes, stored.dims[0], stored.dims[1]);
    inputs.push_back(add_constant(stored, shape_of({form.out, form.in, form.kernel_h, form.kernel_w}),
                                  graph::Layout::kOihw, weight_values(stored, form)));
    add_bias(node, inputs);
    return conv;
  }

  graph::Operation read_gemm(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const Attributes attributes(node);
    const StoredTensor& stored = initializer(node.inputs[1]);
    if (stored.dims.size() != 4 || stored.dims[0] != 1 || stored.dims[1] != 1)
      fail("its weight is not of shape [1, 1, inputs, outputs]");
    if (attributes.get("alpha", 1.0f) != 1 || attributes.get("beta", 1.0f) != 1)
      fail("alpha and beta other than 1 are not supported");
    if (attributes.get<std::int64_t>("transB", 0) != 0 || attributes.get<std::int64_t>("transA", 0) != 0)
      fail("transposed operands are not supported");
    const WeightForm form{.out = side(stored, 3), .in = side(stored, 2)};
    inputs.push_back(
        add_constant(stored, shape_of({form.out, form.in}), graph::Layout::kOi, weight_values(stored, form)));
    add_bias(node, inputs);
    return graph::Gemm{.fused_relu = attributes.fused_relu()};
  }

  std::int32_t clip_bound(const std::string& name, const graph::Tensor& input) const {
    const StoredTensor& stored = initializer(name);
    if (static_cast<graph::Type>(stored.values.index()) != input.type ||
        graph::element_count(stored.dims) != 1)
      fail("its bound '{}' is no scalar of the input's type", name);
    if (stored.exponent != *input.exponent) fail("its bound '{}' has another exponent than the input", name);
    return std::visit([](const auto& values) { return static_cast<std::int32_t>(values[0]); }, stored.values);
  }

  // The chip looks 8-bit values up in a node's table, where there is one, instead of computing.
  void check_table(const StoredNode& node, const graph::ClipBounds& bounds) const {
    const std::string name = Attributes(node).get<std::string>("lut", "");
    if (name.empty()) return;
    const auto* table = std::get_if<std::vector<std::int8_t>>(&initializer(name).values);
    if (table == nullptr) return;
    bool same = table->size() == 256;
    for (std::int32_t i = 0; same && i < 256; ++i)
      same = (*table)[static_cast<std::size_t>(i)] == std::min(std::max(i - 128, bounds.low), bounds.high);
    if (!same) fail("its table '{}' is not what the operation computes", name);
  }

  graph::Operation read_clip(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const graph::Tensor& input = graph_.tensor(inputs[0]);
    const graph::ClipBounds bounds{clip_bound(node.inputs[1], input), clip_bound(node.inputs[2], input)};
    check_table(node, bounds);
    return graph::clip_of(bounds, *input.exponent);
  }

  graph::Operation read_relu(const StoredNode& node, std::vector<graph::TensorIndex>&) {
    check_table(node, {0, 127});
    return graph::Relu{};
  }

  graph::Operation read_add(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    inputs.push_back(activation(node.inputs[1]));
    return graph::Add{};
  }

  // Two activations, the smaller one last, or one and a constant, whose one value is every channel's.
  graph::Operation read_mul(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    inputs.push_back(operand(node.inputs[1]));
    const auto size = [&](std::size_t i) { return graph::element_count(graph_.tensor(inputs[i]).shape); };
    if (graph_.tensor(inputs[0]).is_constant() || size(0) < size(1)) std::swap(inputs[0], inputs[1]);
    graph::Tensor& factor = graph_.tensor(inputs[1]);
    if (!factor.is_constant()) return graph::Mul{};
    const graph::Tensor& input = graph_.tensor(inputs[0]);
    if (factor.type != input.type) fail("its factor '{}' is {}", factor.name, graph::name_of(factor.type));
    const std::int64_t channels = input.shape.back();
    std::visit(
        [&](auto& values) {
          if (values.size() == 1) values.assign(static_cast<std::size_t>(channels), values[0]);
        },
        *factor.values);
    if (size(1) == 1) factor.shape.back() = channels;
    return graph::Mul{};
  }

  graph::Operation read_concat(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    if (const auto axis = Attributes(node).get<std::int64_t>("axis", 1); axis != 3 && axis != -1)
      fail("axis is {}; only the channels' (3) is supported", axis);
    for (std::size_t i = 1; i < node.inputs.size(); ++i) inputs.push_back(activation(node.inputs[i]));
    return graph::Concat{};
  }

  static graph::Window pool_window(const StoredNode& node) {
    const Attributes attributes(node);
    if (attributes.get<std::int64_t>("ceil_mode", 0) != 0)
      fail("ceil_mode is 1; the chip's runtime never looks at it and gives fewer pixels");
    return window_of(attributes, 1, 1);
  }
  graph::Operation read_max_pool(const StoredNode& node, std::vector<graph::TensorIndex>&) {
    return graph::MaxPool{pool_window(node)};
  }
  graph::Operation read_average_pool(const StoredNode& node, std::vector<graph::TensorIndex>&) {
    const auto counts = Attributes(node).get<std::int64_t>("count_include_pad", 0);
    return graph::AveragePool{pool_window(node), counts != 0};
  }

  graph::Operation read_activation(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const Attributes attributes(node);
    graph::Activation activation = graph::default_activation(*graph::function_called(node.op_type));
    if (graph::has_alpha(activation.function)) activation.alpha = attributes.get("alpha", activation.alpha);
    if (graph::has_beta(activation.function)) activation.beta = attributes.get("beta", activation.beta);
    add_table(node, inputs);
    return activation;
  }

  // The table of a node in 8 bits, if it has one; in 16 bits ESP-DL looks at none.
  void add_table(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const std::string name = Attributes(node).get<std::string>("lut", "");
    if (name.empty() || graph_.tensor(inputs[0]).type != graph::Type::kInt8) return;
    const StoredTensor& table = initializer(name);
    if (!std::holds_alternative<std::vector<std::int8_t>>(table.values))
      fail("its table '{}' is not int8", name);
    inputs.push_back(
        add_constant(table, {graph::element_count(table.dims)}, graph::Layout::kVector, table.values));
  }

  // With one slope for all it is a LeakyRelu, in 8 bits by table.
  graph::Operation read_prelu(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const StoredTensor& slope = initializer(node.inputs[1]);
    const graph::Tensor& input = graph_.tensor(inputs[0]);
    const std::int64_t channels = input.shape.back();
    if (graph::element_count(slope.dims) == 1 && input.type == graph::Type::kInt8) {
      const float alpha = std::visit(
          [&](const auto& values) {
            return std::ldexp(static_cast<float>(values[0]), small_exponent(slope.exponent, slope.name));
          },
          slope.values);
      add_table(node, inputs);
      return graph::Activation{graph::Function::kLeakyRelu, alpha};
    }
    graph::Values values = slope.values;
    std::visit(
        [&](auto& numbers) {
          if (numbers.size() == 1) numbers.assign(static_cast<std::size_t>(channels), numbers[0]);
        },
        values);
    inputs.push_back(add_constant(slope, {channels}, graph::Layout::kVector, std::move(values)));
    return graph::PRelu{};
  }

  graph::Operation read_reshape(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const graph::Tensor& output = graph_.tensor(activation(node.outputs[0]));
    if (output.shape.size() != 2 || output.shape[0] != 1 || graph_.tensor(inputs[0]).shape.size() != 4)
      fail("it makes [{}]; only a map's values in one row are supported", fmt::join(output.shape, ", "));
    return graph::Flatten{};
  }

  graph::Operation read_global_average_pool(const StoredNode&, std::vector<graph::TensorIndex>&) {
    return graph::GlobalAveragePool{};
  }

  graph::Operation read_flatten(const StoredNode& node, std::vector<graph::TensorIndex>&) {
    if (const auto axis = Attributes(node).get<std::int64_t>("axis", 1); axis != 1) fail("axis is {}", axis);
    return graph::Flatten{};
  }

  // Many files give a transposed tensor the shape of the inverse permutation, so that it is computed instead.
  graph::Operation read_transpose(const StoredNode& node, std::vector<graph::TensorIndex>& inputs) {
    const graph::Transpose transpose{Attributes(node).small_ints("perm", {0, 1, 2, 3})};
    graph::Tensor& output = graph_.tensor(activation(node.outputs[0]));
    const graph::Shape& in = graph_.tensor(inputs[0]).shape;
    constexpr int kAxes[] = {0, 1, 2, 3};
    if (in.size() != std::size(kAxes) || !std::ranges::is_permutation(transpose.permutation, kAxes))
      fail("attribute 'perm' is no permutation of {} axes", in.size());
    graph::Shape shape;
    for (const int axis : transpose.permutation) shape.push_back(in[static_cast<std::size_t>(axis)]);
    if (graph::element_count(shape) != graph::element_count(output.shape))
      fail("its output has {} elements, not {}", graph::element_count(output.shape),
           graph::element_count(shape));
    output.shape = std::move(shape);
    return transpose;
  }

  // The scale and zero point that come with it are not used by the chip: the two exponents say all.
  graph::Operation read_requantize(const StoredNode&, std::vector<graph::TensorIndex>&) {
    return graph::RequantizeLinear{};
  }

  const Payload& payload_;
  std::map<std::string_view, const StoredValue*> values_;
  std::map<std::string_view, const StoredTensor*> initializers_;
  std::map<std::string, graph::TensorIndex> indices_;
  std::int64_t activations_ = 0;  // elements
  graph::Graph graph_;
};

void read_metadata(const Payload& payload, graph::Graph& graph) {
  for (const auto& [key, value] : payload.metadata)
    if (!graph.metadata.emplace(key, value).second) fail("metadata '{}' is there twice", key);
  const auto names = graph.metadata.find(kClassesKey);
  if (names == graph.metadata.end()) return;
  graph.class_names = class_names_in(names->second, graph.tensor(graph.output).shape.back());
  if (!graph.class_names.empty()) graph.metadata.erase(names);
}

graph::Values test_values(const StoredTensor& stored, const graph::Tensor& tensor) {
  if (!stored.problem.empty()) fail("a test's {}", stored.problem);
  if (stored.name != tensor.name) fail("a test is for '{}', not for '{}'", stored.name, tensor.name);
  if (static_cast<graph::Type>(stored.values.index()) != tensor.type || stored.dims != tensor.shape ||
      stored.exponent != *tensor.exponent)
    fail("a test's '{}' is of another type, shape or exponent than the model's", stored.name);
  return stored.values;
}

}  // namespace

EspdlFile file_of(const Payload& payload, EspdlGeneration generation) {
  EspdlFile file{.graph = GraphReader(payload).read(),
                 .generation = generation,
                 .producer_name = payload.producer_name,
                 .producer_version = payload.producer_version,
                 .domain = payload.domain,
                 .doc_string = payload.doc_string,
                 .ir_version = payload.ir_version,
                 .model_version = payload.model_version,
                 .tests = {}};
  graph::verify(file.graph);
  read_metadata(payload, file.graph);
  if (payload.test_inputs.size() != payload.test_outputs.size())
    fail("it has {} test inputs and {} test outputs", payload.test_inputs.size(),
         payload.test_outputs.size());
  for (std::size_t i = 0; i < payload.test_inputs.size(); ++i)
    file.tests.push_back({test_values(payload.test_inputs[i], file.graph.tensor(file.graph.input)),
                          test_values(payload.test_outputs[i], file.graph.tensor(file.graph.output))});
  return file;
}

EspdlFile read_container(const EspdlContainer& container) {
  return file_of(parse_payload(container.payload, container.generation), container.generation);
}

EspdlFile read_espdl(std::span<const std::uint8_t> bytes) {
  if (!is_espdl_pack(bytes)) return read_container(open_single(bytes));
  auto entries = read_espdl_pack(bytes);
  if (entries.size() != 1) fail("is a pack of {} models; unpack the one that is meant", entries.size());
  return std::move(entries[0].file);
}

EspdlFile load_espdl(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return with_context(path.string(), [&] { return read_espdl(bytes); });
}

}  // namespace mudra::format
