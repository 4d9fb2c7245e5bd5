#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/espdl_container.hpp"
#include "mudra/format/espdl_layout.hpp"
#include "mudra/format/espdl_payload.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::format {
namespace {

using StoredAttributes = std::vector<StoredAttribute>;

constexpr const char* kNoLayout = "layout ==> UNK";

bool is_wide(const graph::Tensor& tensor) { return tensor.type == graph::Type::kInt16; }

// Turns a graph into a payload. Attributes are in alphabetical order, tables come before all other constants.
class PayloadWriter {
 public:
  PayloadWriter(const graph::Graph& graph, EspdlGeneration generation)
      : graph_(graph), generation_(generation) {
    for (const graph::Tensor& tensor : graph.tensors) names_.insert(tensor.name);
  }

  Payload write() {
    payload_.graph_name = graph_.name;
    payload_.inputs.push_back(value_of(graph_.tensor(graph_.input)));
    payload_.values.push_back(payload_.inputs[0]);
    for (const graph::Node& node : graph_.nodes)
      with_context(fmt::format("node '{}'", node.name), [&] { add(node); });
    payload_.outputs.push_back(value_of(graph_.tensor(graph_.output)));
    payload_.initializers = std::move(tables_);
    std::ranges::move(constants_, std::back_inserter(payload_.initializers));
    return std::move(payload_);
  }

 private:
  void add(const graph::Node& node) {
    const graph::Tensor& output = graph_.tensor(node.output);
    StoredNode stored{node.name, graph::name_of(node.operation), {}, {output.name}, {}};
    for (std::size_t i = 0; i < graph::activation_count(node); ++i) {
      const graph::Tensor& input = graph_.tensor(node.inputs[i]);
      stored.inputs.push_back(input.name);
      if (input.is_constant())
        constants_.push_back({input.name, input.shape, *input.values, *input.exponent, kNoLayout});
    }
    stored.attributes = std::visit([&](const auto& operation) { return attributes(operation, node, stored); },
                                   node.operation);
    stored.attributes.push_back({"quant_type", quant_type(node)});
    std::ranges::sort(stored.attributes, {}, &StoredAttribute::name);
    payload_.values.push_back(value_of(output));
    payload_.nodes.push_back(std::move(stored));
  }

  std::string quant_type(const graph::Node& node) const {
    const bool requantizes = std::holds_alternative<graph::RequantizeLinear>(node.operation);
    if (requantizes && generation_ == EspdlGeneration::kEdl1) return "F32";
    return is_wide(graph_.tensor(node.output)) ? "S16" : "S8";
  }

  static StoredValue value_of(const graph::Tensor& tensor) {
    if (tensor.type != graph::Type::kInt8 && tensor.type != graph::Type::kInt16)
      fail("'{}' is {}; an .espdl holds int8 and int16 activations", tensor.name,
           graph::name_of(tensor.type));
    return {tensor.name, tensor.type, tensor.shape, *tensor.exponent};
  }

  // A name no tensor has yet.
  std::string new_name(std::string name) {
    while (!names_.insert(name).second) name += '_';
    return name;
  }

  // Adds a scalar that the chip reads as another input of `stored`.
  void add_scalar(StoredNode& stored, const char* role, graph::Values value, std::int64_t exponent) {
    const std::string name = new_name(stored.name + role);
    constants_.push_back({name, {}, std::move(value), exponent, kNoLayout});
    stored.inputs.push_back(name);
  }

  static graph::Values integer(const graph::Tensor& like, std::int32_t value) {
    if (is_wide(like)) return std::vector{static_cast<std::int16_t>(value)};
    return std::vector{static_cast<std::int8_t>(value)};
  }

  void add_weight(const graph::Tensor& weight, const WeightForm& form, graph::Shape dims,
                  StoredNode& stored) {
    StoredTensor constant{weight.name, std::move(dims), {}, *weight.exponent, {}};
    const auto convert = [&]<typename Integer>(const std::vector<Integer>& values) {
      if constexpr (sizeof(Integer) > 2 || std::is_same_v<Integer, float>) {
        fail("its weight '{}' is {}, neither int8 nor int16", weight.name, graph::name_of(weight.type));
      } else {
        constant.values = stored_from_oihw<Integer>(form, values);
        constant.doc_string = layout_of(kBlock<Integer>, form.out % kBlock<Integer> != 0);
      }
    };
    std::visit(convert, *weight.values);
    constants_.push_back(std::move(constant));
    stored.inputs.push_back(weight.name);
  }

  std::string layout_of(std::size_t block, bool remainder) const {
    const bool old = generation_ == EspdlGeneration::kEdl1;
    return fmt::format("layout ==> {}HWC{}{}", old ? fmt::format("N{}", block) : fmt::format("(N/{})", block),
                       block, remainder ? "_UNALIGNED" : "");
  }

  // int64 in 16-bit nodes of EDL2, else int32.
  graph::Values bias_values(const graph::Tensor& bias, bool wide) const {
    const auto convert = [&]<typename Integer>(const std::vector<Integer>& values) -> graph::Values {
      if constexpr (!std::is_same_v<Integer, std::int32_t> && !std::is_same_v<Integer, std::int64_t>) {
        fail("its bias '{}' is {}, neither int32 nor int64", bias.name, graph::name_of(bias.type));
      } else {
        if (wide && generation_ == EspdlGeneration::kEdl2)
          return std::vector<std::int64_t>(values.begin(), values.end());
        std::vector<std::int32_t> narrow;
        for (const Integer value : values) {
          narrow.push_back(static_cast<std::int32_t>(value));
          if (narrow.back() != value) fail("its bias '{}' holds {}, beyond 32 bits", bias.name, value);
        }
        return narrow;
      }
    };
    return std::visit(convert, *bias.values);
  }

  void add_bias(const graph::Node& node, StoredNode& stored) {
    if (node.inputs.size() < 3) return;
    const graph::Tensor& bias = graph_.tensor(node.inputs[2]);
    constants_.push_back({bias.name, bias.shape, bias_values(bias, is_wide(graph_.tensor(node.output))),
                          *bias.exponent, kNoLayout});
    stored.inputs.push_back(bias.name);
  }

  // What the chip looks up instead of comparing; 16-bit values it compares in any case. EDL1 has no tables.
  void add_table(const graph::ClipBounds& bounds, const graph::Node& node, StoredAttributes& attributes) {
    const graph::Tensor& output = graph_.tensor(node.output);
    if (generation_ == EspdlGeneration::kEdl1 || is_wide(output)) return;
    std::vector<std::int8_t> table;
    for (std::int32_t value = -128; value < 128; ++value)
      table.push_back(static_cast<std::int8_t>(std::min(std::max(value, bounds.low), bounds.high)));
    add_table(std::move(table), node, attributes);
  }

  void add_table(graph::Values table, const graph::Node& node, StoredAttributes& attributes) {
    const std::string name =
        new_name(fmt::format("{}_lut_{}", graph::name_of(node.operation), tables_.size()));
    tables_.push_back(
        {name, {graph::kTableSize}, std::move(table), *graph_.tensor(node.output).exponent, {}});
    attributes.push_back({"lut", name});
  }

  void expect_same_form(const graph::Node& node) const {
    const graph::Tensor &input = graph_.tensor(node.inputs[0]), &output = graph_.tensor(node.output);
    if (input.type != output.type || input.exponent != output.exponent)
      fail("'{}' and '{}' differ in type or exponent", input.name, output.name);
  }

  StoredAttributes attributes(const graph::Conv& conv, const graph::Node& node, StoredNode& stored) {
    const graph::Tensor& weight = graph_.tensor(node.inputs[1]);
    const std::int64_t out = weight.shape[0], in = weight.shape[1];
    const graph::Window& window = conv.window;
    const WeightForm form{.out = static_cast<std::size_t>(out),
                          .in = static_cast<std::size_t>(in),
                          .kernel_h = static_cast<std::size_t>(window.kernel_h),
                          .kernel_w = static_cast<std::size_t>(window.kernel_w),
                          .depthwise = conv.depthwise};
    graph::Shape dims{window.kernel_h, window.kernel_w, in, out};
    if (conv.depthwise) std::swap(dims[2], dims[3]);
    add_weight(weight, form, std::move(dims), stored);
    add_bias(node, stored);
    StoredAttributes result = attributes(window);
    result.push_back({"activation", conv.fused_relu ? "Relu" : "Linear"});
    result.push_back({"dilations", std::vector<std::int64_t>{1, 1}});
    result.push_back({"group", conv.depthwise ? out : 1});
    return result;
  }

  static StoredAttributes attributes(const graph::Window& window) {
    return {{"kernel_shape", std::vector<std::int64_t>{window.kernel_h, window.kernel_w}},
            {"pads",
             std::vector<std::int64_t>{window.pad_top, window.pad_left, window.pad_bottom, window.pad_right}},
            {"strides", std::vector<std::int64_t>{window.stride_h, window.stride_w}}};
  }

  StoredAttributes attributes(const graph::MaxPool& pool, const graph::Node& node, StoredNode&) {
    expect_same_form(node);
    StoredAttributes result = attributes(pool.window);
    result.push_back({"ceil_mode", std::int64_t{0}});
    return result;
  }

  StoredAttributes attributes(const graph::AveragePool& pool, const graph::Node&, StoredNode&) {
    StoredAttributes result = attributes(pool.window);
    result.push_back({"ceil_mode", std::int64_t{0}});
    if (pool.count_include_pad) result.push_back({"count_include_pad", std::int64_t{1}});
    return result;
  }

  StoredAttributes attributes(const graph::Activation& activation, const graph::Node& node, StoredNode&) {
    StoredAttributes result;
    if (graph::has_alpha(activation.function)) result.push_back({"alpha", activation.alpha});
    if (graph::has_beta(activation.function)) result.push_back({"beta", activation.beta});
    if (node.inputs.size() > 1) add_table(*graph_.tensor(node.inputs[1]).values, node, result);
    return result;
  }

  StoredAttributes attributes(const graph::PRelu&, const graph::Node& node, StoredNode& stored) {
    const graph::Tensor& slope = graph_.tensor(node.inputs[1]);
    constants_.push_back({slope.name, {slope.shape[0], 1, 1}, *slope.values, *slope.exponent, kNoLayout});
    stored.inputs.push_back(slope.name);
    return {};
  }

  // Of the stored order: the channels are last.
  StoredAttributes attributes(const graph::Concat&, const graph::Node&, StoredNode&) {
    return {{"axis", std::int64_t{3}}};
  }

  StoredAttributes attributes(const graph::Gemm& gemm, const graph::Node& node, StoredNode& stored) {
    const graph::Tensor& weight = graph_.tensor(node.inputs[1]);
    const std::int64_t out = weight.shape[0], in = weight.shape[1];
    const WeightForm form{.out = static_cast<std::size_t>(out), .in = static_cast<std::size_t>(in)};
    add_weight(weight, form, {1, 1, in, out}, stored);
    add_bias(node, stored);
    return {{"activation", gemm.fused_relu ? "Relu" : "Linear"},
            {"alpha", 1.0f},
            {"beta", 1.0f},
            {"transB", std::int64_t{0}}};
  }

  StoredAttributes attributes(const graph::Clip& clip, const graph::Node& node, StoredNode& stored) {
    expect_same_form(node);
    const graph::Tensor& input = graph_.tensor(node.inputs[0]);
    const graph::ClipBounds bounds = graph::clip_bounds(clip, input);
    add_scalar(stored, "_low", integer(input, bounds.low), *input.exponent);
    add_scalar(stored, "_high", integer(input, bounds.high), *input.exponent);
    StoredAttributes result;
    add_table(bounds, node, result);
    return result;
  }

  StoredAttributes attributes(const graph::Relu&, const graph::Node& node, StoredNode&) {
    expect_same_form(node);
    StoredAttributes result;
    add_table({0, std::numeric_limits<std::int8_t>::max()}, node, result);
    return result;
  }

  // The chip reads the two exponents and neither scalar, but expects them to be there.
  StoredAttributes attributes(const graph::RequantizeLinear&, const graph::Node& node, StoredNode& stored) {
    const graph::Tensor &input = graph_.tensor(node.inputs[0]), &output = graph_.tensor(node.output);
    const float scale = std::ldexp(1.0f, *output.exponent - *input.exponent);
    add_scalar(stored, "_scale", std::vector{scale}, 0);
    add_scalar(stored, "_zero", integer(output, 0), 0);
    return {};
  }

  StoredAttributes attributes(const graph::Transpose& transpose, const graph::Node&, StoredNode&) {
    const auto& permutation = transpose.permutation;
    return {{"perm", std::vector<std::int64_t>(permutation.begin(), permutation.end())}};
  }

  StoredAttributes attributes(const graph::Flatten&, const graph::Node&, StoredNode&) {
    return {{"axis", std::int64_t{1}}};
  }
  StoredAttributes attributes(const graph::Add&, const graph::Node&, StoredNode&) { return {}; }
  StoredAttributes attributes(const graph::Mul&, const graph::Node&, StoredNode&) { return {}; }
  StoredAttributes attributes(const graph::GlobalAveragePool&, const graph::Node&, StoredNode&) { return {}; }

  StoredAttributes attributes(const graph::BatchNormalization&, const graph::Node&, StoredNode&) {
    fail("a BatchNormalization must be folded into its convolution first");
  }

  const graph::Graph& graph_;
  EspdlGeneration generation_;
  std::set<std::string> names_;
  std::vector<StoredTensor> tables_, constants_;
  Payload payload_;
};

void write_metadata(const graph::Graph& graph, Payload& payload) {
  for (const auto& entry : graph.metadata)
    if (entry.first != kClassesKey || graph.class_names.empty()) payload.metadata.emplace_back(entry);
  if (!graph.class_names.empty())
    payload.metadata.emplace_back(kClassesKey, json_of_class_names(graph.class_names));
}

StoredTensor test_of(const graph::Tensor& tensor, const graph::Values& values) {
  const std::size_t count = std::visit([](const auto& numbers) { return numbers.size(); }, values);
  if (static_cast<graph::Type>(values.index()) != tensor.type ||
      count != static_cast<std::size_t>(graph::element_count(tensor.shape)))
    fail("a test does not suit '{}'", tensor.name);
  return {tensor.name, tensor.shape, values, *tensor.exponent, {}};
}

std::size_t bytes_of(const graph::Values& values) {
  return std::visit([](const auto& numbers) { return numbers.size() * sizeof numbers[0]; }, values);
}

}  // namespace

std::size_t test_vector_bytes(const EspdlFile& file) {
  std::size_t bytes = 0;
  for (const EspdlTest& test : file.tests) bytes += bytes_of(test.input) + bytes_of(test.output);
  return bytes;
}

std::vector<std::uint8_t> write_espdl(const EspdlFile& file) {
  const graph::Graph& graph = file.graph;
  graph::verify(graph);
  Payload payload = PayloadWriter(graph, file.generation).write();
  payload.ir_version = file.ir_version;
  payload.model_version = file.model_version;
  payload.producer_name = file.producer_name;
  payload.producer_version = file.producer_version;
  payload.domain = file.domain;
  payload.doc_string = file.doc_string;
  write_metadata(graph, payload);
  for (const EspdlTest& test : file.tests) {
    payload.test_inputs.push_back(test_of(graph.tensor(graph.input), test.input));
    payload.test_outputs.push_back(test_of(graph.tensor(graph.output), test.output));
  }
  return close_container(serialize_payload(payload, file.generation), file.generation);
}

}  // namespace mudra::format
