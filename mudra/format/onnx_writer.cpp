#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <map>
#include <set>

#include "mudra/base/error.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/onnx_axes.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::format {
namespace {

using graph::Graph;
using graph::Layout;
using graph::Node;
using graph::Tensor;

constexpr int kIrVersion = 7, kOpset = 13;  // of onnx 1.8, December 2020

class OnnxWriter {
 public:
  explicit OnnxWriter(const Graph& source) : source_(source), out_(*model_.mutable_graph()) {}

  onnx::ModelProto write() {
    write_header();
    add_value_info(*out_.add_input(), source_.tensor(source_.input));
    for (const Tensor& tensor : source_.tensors)
      if (tensor.is_constant()) add_constant(tensor.name, tensor.shape, graph::float_values(tensor));
    for (const Node& node : source_.nodes)
      std::visit([&](const auto& operation) { write_node(node, operation); }, node.operation);
    add_value_info(*out_.add_output(), source_.tensor(source_.output));
    return std::move(model_);
  }

 private:
  void write_header() {
    model_.set_ir_version(kIrVersion);
    model_.set_producer_name("mudra");
    onnx::OperatorSetIdProto& opset = *model_.add_opset_import();
    opset.set_domain("");
    opset.set_version(kOpset);
    out_.set_name(source_.name.empty() ? "network" : source_.name);
    for (const auto& [key, value] : source_.metadata) {
      if (key == "version") model_.set_producer_version(value);
      if (key != kClassesKey) add_metadata(key, value);
    }
    if (!source_.class_names.empty()) add_metadata(kClassesKey, json_of_class_names(source_.class_names));
  }

  void add_metadata(const std::string& key, const std::string& value) {
    onnx::StringStringEntryProto& entry = *model_.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }

  // ONNX's shape of an activation: channels before rows, the batch size free.
  static void add_value_info(onnx::ValueInfoProto& info, const Tensor& tensor) {
    info.set_name(tensor.name);
    onnx::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    const graph::Shape& shape = tensor.shape;
    if (tensor.layout == Layout::kNhwc)
      for (const std::size_t axis : {3, 1, 2}) type.mutable_shape()->add_dim()->set_dim_value(shape[axis]);
    else
      type.mutable_shape()->add_dim()->set_dim_value(shape[1]);
  }

  void add_constant(const std::string& name, const graph::Shape& shape, const std::vector<float>& values) {
    onnx::TensorProto& constant = *out_.add_initializer();
    constant.set_name(name);
    constant.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : shape) constant.add_dims(size);
    constant.set_raw_data(values.data(), values.size() * sizeof(float));
  }

  onnx::NodeProto& add_node(const Node& node, const char* type) {
    onnx::NodeProto& written = *out_.add_node();
    written.set_name(node.name);
    written.set_op_type(type);
    for (const graph::TensorIndex i : node.inputs) written.add_input(source_.tensor(i).name);
    written.add_output(source_.tensor(node.output).name);
    return written;
  }

  // Splits the activation off `written` into a node of its own.
  void add_fused_relu(onnx::NodeProto& written) {
    const std::string output = written.output(0), linear = free_name(output + ".linear");
    const std::string name = written.name();
    written.set_output(0, linear);
    onnx::NodeProto& relu = *out_.add_node();
    relu.set_name(name + ".relu");
    relu.set_op_type("Relu");
    relu.add_input(linear);
    relu.add_output(output);
  }

  static onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const char* name,
                                             onnx::AttributeProto::AttributeType type) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return attribute;
  }
  static void set_integer(onnx::NodeProto& node, const char* name, std::int64_t value) {
    add_attribute(node, name, onnx::AttributeProto::INT).set_i(value);
  }
  static void set_real(onnx::NodeProto& node, const char* name, float value) {
    add_attribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
  }
  static void set_integers(onnx::NodeProto& node, const char* name, const std::vector<int>& values) {
    onnx::AttributeProto& attribute = add_attribute(node, name, onnx::AttributeProto::INTS);
    for (const int value : values) attribute.add_ints(value);
  }

  static void set_window(onnx::NodeProto& node, const graph::Window& window) {
    set_integers(node, "kernel_shape", {window.kernel_h, window.kernel_w});
    set_integers(node, "pads", {window.pad_top, window.pad_left, window.pad_bottom, window.pad_right});
    set_integers(node, "strides", {window.stride_h, window.stride_w});
  }

  void write_node(const Node& node, const graph::Conv& conv) {
    onnx::NodeProto& written = add_node(node, "Conv");
    set_integers(written, "dilations", {1, 1});
    set_integer(written, "group", conv.depthwise ? source_.tensor(node.inputs[1]).shape[0] : 1);
    set_window(written, conv.window);
    if (conv.fused_relu) add_fused_relu(written);
  }
  void write_node(const Node& node, const graph::BatchNormalization& normalisation) {
    set_real(add_node(node, "BatchNormalization"), "epsilon", static_cast<float>(normalisation.epsilon));
  }
  void write_node(const Node& node, const graph::Clip& clip) {
    onnx::NodeProto& written = add_node(node, "Clip");
    written.add_input(scalar(clip.low));
    written.add_input(scalar(clip.high));
  }
  void write_node(const Node& node, const graph::Relu&) { add_node(node, "Relu"); }
  void write_node(const Node& node, const graph::Add&) { add_node(node, "Add"); }
  void write_node(const Node& node, const graph::GlobalAveragePool&) { add_node(node, "GlobalAveragePool"); }
  void write_node(const Node& node, const graph::Mul&) { add_node(node, "Mul"); }
  void write_node(const Node& node, const graph::Concat&) {
    set_integer(add_node(node, "Concat"), "axis", 1);
  }
  void write_node(const Node& node, const graph::MaxPool& pool) {
    set_window(add_node(node, "MaxPool"), pool.window);
  }
  void write_node(const Node& node, const graph::AveragePool& pool) {
    onnx::NodeProto& written = add_node(node, "AveragePool");
    set_integer(written, "count_include_pad", pool.count_include_pad ? 1 : 0);
    set_window(written, pool.window);
  }
  void write_node(const Node& node, const graph::Activation& activation) {
    if (activation.function == graph::Function::kHardSwish) return write_hard_swish(node);
    if (activation.function == graph::Function::kSwish) return write_swish(node);
    onnx::NodeProto& written = add_node(node, name_of(node.operation));
    if (graph::has_alpha(activation.function)) set_real(written, "alpha", activation.alpha);
    if (graph::has_beta(activation.function)) set_real(written, "beta", activation.beta);
  }

  // What opset 13 has no operation for is its input times another function of it.
  void write_hard_swish(const Node& node) {
    onnx::NodeProto& factor = write_factor(node, "HardSigmoid");
    set_real(factor, "alpha", 1.0f / 6);
    set_real(factor, "beta", 0.5f);
    add_product(node, factor.output(0));
  }
  void write_swish(const Node& node) { add_product(node, write_factor(node, "Sigmoid").output(0)); }
  onnx::NodeProto& write_factor(const Node& node, const char* type) {
    onnx::NodeProto& factor = add_node(node, type);
    factor.set_name(node.name + ".factor");
    factor.set_output(0, free_name(factor.output(0) + ".factor"));
    return factor;
  }
  void add_product(const Node& node, const std::string& factor) { add_node(node, "Mul").add_input(factor); }

  // A slope for each channel of a map stands where its channels do.
  void write_node(const Node& node, const graph::PRelu&) {
    onnx::NodeProto& written = add_node(node, "PRelu");
    const Tensor& slope = source_.tensor(node.inputs[1]);
    if (source_.tensor(node.output).layout != Layout::kNhwc) return;
    const std::string name = free_name(slope.name + ".of_map");
    if (reshaped_.insert(name).second) add_constant(name, {slope.shape[0], 1, 1}, graph::float_values(slope));
    written.set_input(1, name);
  }

  // Axes here are those of [n, rows, columns, channels], in the file those of [n, channels, rows, columns].
  void write_node(const Node& node, const graph::Transpose& transpose) {
    if (is_taken_into_flatten(node)) return;
    std::vector<int> perm;
    for (const int axis : kOurAxes)
      perm.push_back(
          kTheirAxes[static_cast<std::size_t>(transpose.permutation[static_cast<std::size_t>(axis)])]);
    set_integers(add_node(node, "Transpose"), "perm", perm);
  }

  // The file's Flatten goes through a map channel by channel.
  void write_node(const Node& node, const graph::Flatten&) {
    std::string input = source_.tensor(node.inputs[0]).name;
    const graph::Shape& shape = source_.tensor(node.inputs[0]).shape;
    const Node* producer = graph::producer_of(source_, node.inputs[0]);
    if (producer != nullptr && is_taken_into_flatten(*producer)) {
      input = source_.tensor(producer->inputs[0]).name;
    } else if (!graph::is_channels_first_too(shape)) {
      onnx::NodeProto& moved = add_node(node, "Transpose");
      moved.set_name(node.name + ".transposed");
      moved.set_output(0, free_name(moved.output(0) + ".transposed"));
      set_integers(moved, "perm", {0, 2, 3, 1});
      input = moved.output(0);
    }
    onnx::NodeProto& written = add_node(node, "Flatten");
    written.set_input(0, input);
    set_integer(written, "axis", 1);
  }

  bool is_taken_into_flatten(const Node& node) const {
    const auto* transpose = std::get_if<graph::Transpose>(&node.operation);
    if (transpose == nullptr || transpose->permutation != std::vector<int>{0, 3, 1, 2}) return false;
    const Node* reader = graph::sole_reader(source_, node.output);
    return reader != nullptr && std::holds_alternative<graph::Flatten>(reader->operation);
  }

  void write_node(const Node& node, const graph::Gemm& gemm) {
    onnx::NodeProto& written = add_node(node, "Gemm");
    set_real(written, "alpha", 1);
    set_real(written, "beta", 1);
    set_integer(written, "transB", 1);
    if (gemm.fused_relu) add_fused_relu(written);
  }
  void write_node(const Node& node, const graph::RequantizeLinear&) { refuse(node); }

  [[noreturn]] static void refuse(const Node& node) {
    fail("node '{}': {} has no counterpart in a float ONNX file", node.name, name_of(node.operation));
  }

  // The name of a constant that holds `value`, one for all nodes.
  std::string scalar(float value) {
    const auto [known, is_new] = scalars_.emplace(value, "");
    if (is_new) {
      known->second = free_name(fmt::format("constant_{}", value));
      add_constant(known->second, {}, {value});
    }
    return known->second;
  }

  std::string free_name(std::string name) const {
    while (find_tensor(source_, name)) name += "_";
    return name;
  }

  const Graph& source_;
  onnx::ModelProto model_;
  onnx::GraphProto& out_;
  std::map<float, std::string> scalars_;
  std::set<std::string> reshaped_;  // constants that were written in another form
};

}  // namespace

std::vector<std::uint8_t> write_onnx(const Graph& source) {
  const onnx::ModelProto model = OnnxWriter(source).write();
  std::vector<std::uint8_t> bytes(model.ByteSizeLong());
  model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace mudra::format
