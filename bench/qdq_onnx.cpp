// qdq_onnx MODEL.espdl OUT.onnx COPY.onnx: an int8 network of LightGestureNet's family as the QDQ ONNX that
// ONNX Runtime runs fastest, for the speed comparison: the same weights, uint8 activations, ReLU6 folded into
// their range. Scales are those of the .espdl but for activations behind a ReLU6, whose 256 steps all lie
// below the bound; so its scores are close to the engine's, not equal. COPY only copies the picture: what a
// call costs.
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/clip_bounds.hpp"

namespace {

using namespace mudra;
using graph::Graph;
using graph::Node;
using graph::Tensor;

// A tensor as it is after DequantizeLinear.
struct Real {
  std::string name;
  float scale = 1;
};

class QdqWriter {
 public:
  explicit QdqWriter(const Graph& source) : source_(source), out_(*model_.mutable_graph()) {}

  std::string write() {
    begin("qdq");
    reals_[source_.input] = dequantize("image", 1.0f / 255, 0);
    for (const Node& node : source_.nodes)
      std::visit([&](const auto& operation) { add(node, operation); }, node.operation);
    const auto classes = source_.tensor(source_.output).shape.back();
    add_io(*out_.add_output(), "scores", onnx::TensorProto::FLOAT, {1, classes});
    add_node("Identity", {reals_.at(source_.output).name}, "scores");
    return model_.SerializeAsString();
  }

  std::string write_copy() {
    begin("copy");
    add_io(*out_.add_output(), "copy", onnx::TensorProto::UINT8, kPicture);
    add_node("Identity", {"image"}, "copy");
    return model_.SerializeAsString();
  }

 private:
  inline static const graph::Shape kPicture{1, 1, 96, 96};

  void add(const Node& node, const graph::Conv& conv) {
    const Tensor& weights = source_.tensor(node.inputs[1]);
    onnx::NodeProto& out = add_products("Conv", node, weights.shape);
    add_ints(out, "pads",
             {conv.window.pad_top, conv.window.pad_left, conv.window.pad_bottom, conv.window.pad_right});
    add_ints(out, "strides", {conv.window.stride_h, conv.window.stride_w});
    add_ints(out, "kernel_shape", {conv.window.kernel_h, conv.window.kernel_w});
    add_int(out, "group", conv.depthwise ? weights.shape[0] : 1);
    quantize(node.output, out.output(0), conv.fused_relu ? std::optional(127) : clip_behind(node.output));
  }
  void add(const Node& node, const graph::Gemm& gemm) {
    onnx::NodeProto& out = add_products("Gemm", node, source_.tensor(node.inputs[1]).shape);
    add_int(out, "transB", 1);
    quantize(node.output, out.output(0), gemm.fused_relu ? std::optional(127) : std::nullopt);
  }
  void add(const Node& node, const graph::Add&) {
    const std::string name = fresh("sum");
    add_node("Add", {reals_.at(node.inputs[0]).name, reals_.at(node.inputs[1]).name}, name);
    quantize(node.output, name, std::nullopt);
  }
  void add(const Node& node, const graph::GlobalAveragePool&) {
    const std::string name = fresh("pool");
    add_node("GlobalAveragePool", {reals_.at(node.inputs[0]).name}, name);
    quantize(node.output, name, std::nullopt);
  }
  void add(const Node& node, const graph::Flatten&) {
    const std::string name = fresh("flat");
    add_node("Flatten", {reals_.at(node.inputs[0]).name}, name);
    quantize(node.output, name, std::nullopt);
  }
  // Part of the quantization before, or nothing at all where exponents need not be equal.
  void add(const Node& node, const graph::Clip&) { pass(node); }
  void add(const Node& node, const graph::Relu&) { pass(node); }
  void add(const Node& node, const graph::RequantizeLinear&) { pass(node); }
  void add(const Node& node, const graph::Transpose&) { pass(node); }
  template <typename Other>
  void add(const Node& node, const Other&) {
    fail("node '{}': {} is no part of this benchmark", node.name, name_of(node.operation));
  }

  void pass(const Node& node) { reals_[node.output] = reals_.at(node.inputs[0]); }

  // The upper bound of the Clip or Relu that reads a tensor.
  std::optional<int> clip_behind(graph::TensorIndex tensor) const {
    for (const Node& node : source_.nodes) {
      if (node.inputs[0] != tensor) continue;
      if (const auto* clip = std::get_if<graph::Clip>(&node.operation))
        return graph::clip_bounds(*clip, source_.tensor(tensor)).high;
      if (std::holds_alternative<graph::Relu>(node.operation)) return 127;
    }
    return std::nullopt;
  }

  // A node with the input, the weights and the bias as DequantizeLinear gives them.
  onnx::NodeProto& add_products(const char* type, const Node& node, const graph::Shape& shape) {
    const Real input = reals_.at(node.inputs[0]);
    const Tensor& weights = source_.tensor(node.inputs[1]);
    const auto* integers = std::get_if<std::vector<std::int8_t>>(&*weights.values);
    if (integers == nullptr) fail("node '{}' is not int8", node.name);
    const float weight_scale = std::ldexp(1.0f, *weights.exponent);
    const std::string w = constant(onnx::TensorProto::INT8, shape, integers->data(), integers->size());
    const Tensor& bias = source_.tensor(node.inputs[2]);
    const auto& sums = std::get<std::vector<std::int32_t>>(*bias.values);
    std::vector<std::int32_t> rescaled;
    for (const std::int32_t sum : sums)
      rescaled.push_back(static_cast<std::int32_t>(
          std::lround(std::ldexp(static_cast<double>(sum), *bias.exponent) / (input.scale * weight_scale))));
    const std::string b =
        constant(onnx::TensorProto::INT32, {shape[0]}, rescaled.data(), rescaled.size() * 4);
    return add_node(type,
                    {input.name, dequantize_constant(w, weight_scale, onnx::TensorProto::INT8),
                     dequantize_constant(b, input.scale * weight_scale, onnx::TensorProto::INT32)},
                    fresh("products"));
  }

  // uint8 of [0, high] where a bound is known, else of the int8 range.
  void quantize(graph::TensorIndex tensor, const std::string& real, std::optional<int> high) {
    const float step = std::ldexp(1.0f, *source_.tensor(tensor).exponent);
    const float scale = high ? step * static_cast<float>(*high) / 255 : step;
    const std::string quantized = fresh("quantized");
    const std::uint8_t zero = high ? 0 : 128;
    add_node("QuantizeLinear", {real, scalar(scale), scalar(zero)}, quantized);
    reals_[tensor] = dequantize(quantized, scale, zero);
  }

  Real dequantize(const std::string& quantized, float scale, std::uint8_t zero) {
    const std::string name = fresh("real");
    add_node("DequantizeLinear", {quantized, scalar(scale), scalar(zero)}, name);
    return {name, scale};
  }

  std::string dequantize_constant(const std::string& integers, float scale, int type) {
    const std::int32_t zero = 0;
    const std::string name = fresh("real"),
                      point = constant(type, {}, &zero, type == onnx::TensorProto::INT8 ? 1 : 4);
    add_node("DequantizeLinear", {integers, scalar(scale), point}, name);
    return name;
  }

  std::string scalar(float value) { return constant(onnx::TensorProto::FLOAT, {}, &value, sizeof value); }
  std::string scalar(std::uint8_t value) { return constant(onnx::TensorProto::UINT8, {}, &value, 1); }

  std::string constant(int type, const graph::Shape& shape, const void* data, std::size_t bytes) {
    onnx::TensorProto& tensor = *out_.add_initializer();
    tensor.set_name(fresh("constant"));
    tensor.set_data_type(type);
    for (const std::int64_t size : shape) tensor.add_dims(size);
    tensor.set_raw_data(data, bytes);
    return tensor.name();
  }

  onnx::NodeProto& add_node(const char* type, const std::vector<std::string>& inputs,
                            const std::string& output) {
    onnx::NodeProto& node = *out_.add_node();
    node.set_op_type(type);
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  static void add_int(onnx::NodeProto& node, const char* name, std::int64_t value) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(value);
  }
  static void add_ints(onnx::NodeProto& node, const char* name, std::initializer_list<int> values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const int value : values) attribute.add_ints(value);
  }
  void begin(const char* name) {
    model_.set_ir_version(8);
    model_.add_opset_import()->set_version(13);
    out_.set_name(name);
    add_io(*out_.add_input(), "image", onnx::TensorProto::UINT8, kPicture);
  }

  static void add_io(onnx::ValueInfoProto& info, const char* name, int type, const graph::Shape& shape) {
    info.set_name(name);
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const std::int64_t size : shape) tensor.mutable_shape()->add_dim()->set_dim_value(size);
  }

  std::string fresh(const char* what) { return fmt::format("{}_{}", what, count_++); }

  const Graph& source_;
  onnx::ModelProto model_;
  onnx::GraphProto& out_;
  std::map<graph::TensorIndex, Real> reals_;
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    const Graph graph = format::load_espdl(argv[1]).graph;
    write_text(argv[2], QdqWriter(graph).write());
    write_text(argv[3], QdqWriter(graph).write_copy());
  } catch (const Error& error) {
    fmt::print(stderr, "qdq_onnx: {}\n", error.text);
    return 1;
  }
}
