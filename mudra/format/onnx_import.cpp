#include "mudra/format/onnx_import.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/shape_inference.hpp"

namespace mudra::format {

using graph::Layout;
using graph::Shape;
using graph::TensorIndex;

namespace {

// A file that uses one constant many times, in many forms, must not make more of it than this.
constexpr std::size_t kMaxValues = std::size_t{1} << 26;

const std::string& input_name(const onnx::NodeProto& node, int i) {
  if (!OnnxImport::has_input(node, i)) fail("input {} is missing", i);
  return node.input(i);
}

const std::string& output_name(const onnx::NodeProto& node) {
  if (node.output_size() < 1) fail("it has no output");
  return node.output(0);
}

}  // namespace

OnnxImport::OnnxImport(const onnx::GraphProto& source, int opset) : source_(source), opset_(opset) {
  graph_.name = source_.name();
  if (source_.sparse_initializer_size() > 0) fail("sparse constants are not supported");
  for (const onnx::TensorProto& tensor : source_.initializer()) define(tensor.name(), constant_of(tensor));
  add_input();
}

void OnnxImport::add_input() {
  std::vector<const onnx::ValueInfoProto*> inputs;
  for (const onnx::ValueInfoProto& input : source_.input())
    if (!constants_.contains(input.name())) inputs.push_back(&input);
  if (inputs.size() != 1) fail("{} inputs; one is supported", inputs.size());
  const std::string& name = inputs[0]->name();
  const onnx::TypeProto_Tensor& type = inputs[0]->type().tensor_type();
  if (type.elem_type() != onnx::TensorProto::FLOAT) fail("input '{}' is not float", name);
  const auto& dims = type.shape().dim();
  if (dims.size() != 4) fail("input '{}' has {} dimensions, not 4 (NCHW or NHWC)", name, dims.size());
  for (int i = 1; i < 4; ++i)
    if (dims[i].dim_value() < 1) fail("input '{}': only the batch size may be free", name);
  const bool is_nhwc = is_made_nchw(*inputs[0]);
  if (is_nhwc) nhwc_input_ = name;
  const int channels = is_nhwc ? 3 : 1, rows = is_nhwc ? 1 : 2;
  const Shape shape{1, dims[rows].dim_value(), dims[rows + 1].dim_value(), dims[channels].dim_value()};
  graph::check_shape(shape);
  graph_.input =
      add_tensor(graph_, {.name = tensor_name(name), .shape = shape, .exponent = {}, .values = {}});
  define(name, graph_.input);
}

// TensorFlow's converter begins with a Transpose, or, of one channel, with a Reshape.
bool OnnxImport::is_made_nchw(const onnx::ValueInfoProto& input) const {
  const auto& dims = input.type().tensor_type().shape().dim();
  const auto makes_nchw = [&](const onnx::NodeProto& node) {
    if (node.op_type() == "Transpose")
      return OnnxAttributes(node).integers("perm", {}) == std::vector<std::int64_t>{0, 3, 1, 2};
    const OnnxConstant* shape =
        node.op_type() == "Reshape" && has_input(node, 1) ? find_constant(node, 1) : nullptr;
    if (shape == nullptr || shape->size() != 4) return false;
    const std::vector<std::int64_t>& to = shape->integers();
    return dims[3].dim_value() == 1 && to[1] == 1 && to[2] == dims[1].dim_value() &&
           to[3] == dims[2].dim_value();
  };
  bool is_read = false;
  for (const onnx::NodeProto& node : source_.node()) {
    if (std::ranges::count(node.input(), input.name()) == 0) continue;
    if (!makes_nchw(node)) return false;
    is_read = true;
  }
  return is_read;
}

bool OnnxImport::makes_input_nchw(const onnx::NodeProto& node) const {
  return !nhwc_input_.empty() && input_name(node, 0) == nhwc_input_;
}

std::string OnnxImport::node_name(const onnx::NodeProto& node) {
  return node_name(node.name().empty() ? fmt::format("{}_{}", node.op_type(), node_names_.size())
                                       : node.name());
}

std::string OnnxImport::node_name(std::string wanted) {
  while (!node_names_.insert(wanted).second) wanted += "_";
  return wanted;
}

std::string OnnxImport::tensor_name(std::string wanted) {
  while (!tensor_names_.insert(wanted).second) wanted += "_";
  return wanted;
}

void OnnxImport::spend(std::size_t values) {
  values_spent_ += values;
  if (values_spent_ > kMaxValues) fail("constants of more than {} values together", kMaxValues);
}

void OnnxImport::check_new(const std::string& name) const {
  if (name.empty()) fail("a value without a name");
  if (activations_.contains(name) || constants_.contains(name)) fail("'{}' is there twice", name);
}

void OnnxImport::define(const std::string& name, OnnxConstant constant) {
  check_new(name);
  spend(constant.size());
  constant.name = name;
  constants_.emplace(name, std::move(constant));
}

void OnnxImport::define(const std::string& name, TensorIndex activation) {
  check_new(name);
  activations_.emplace(name, activation);
}

void OnnxImport::define(const onnx::NodeProto& node, OnnxConstant constant) {
  define(output_name(node), std::move(constant));
}

void OnnxImport::define(const onnx::NodeProto& node, TensorIndex activation) {
  define(output_name(node), activation);
}

void OnnxImport::alias(const onnx::NodeProto& node) {
  define(node, computed(input_name(node, 0)));
  if (const auto before = left_out_.find(node.input(0)); before != left_out_.end())
    left_out_[node.output(0)] = before->second;
  if (const auto padded = padded_.find(node.input(0)); padded != padded_.end())
    padded_.emplace(node.output(0), padded->second);
}

TensorIndex OnnxImport::leave_out(const onnx::NodeProto& node, const std::string& name) {
  alias(node);
  std::string& nodes = left_out_[node.output(0)];
  constexpr std::size_t kMostLetters = 1000;  // each node has a copy of what is said of those before it
  if (nodes.size() > kMostLetters) fail("too many nodes at the end that would be left out: {}", nodes);
  nodes += fmt::format("{}{} '{}'", nodes.empty() ? "" : " and ", node.op_type(), name);
  return computed(node.input(0));
}

void OnnxImport::give_up(const onnx::NodeProto& node) {
  given_up_.insert(node.output().begin(), node.output().end());
}

bool OnnxImport::reads_given_up(const onnx::NodeProto& node) const {
  return std::ranges::any_of(node.input(), [&](const std::string& name) { return given_up_.contains(name); });
}

bool OnnxImport::has_input(const onnx::NodeProto& node, int i) {
  return i < node.input_size() && !node.input(i).empty();
}

const OnnxConstant* OnnxImport::find_constant(const onnx::NodeProto& node, int i) const {
  const auto found = constants_.find(input_name(node, i));
  return found == constants_.end() ? nullptr : &found->second;
}

const OnnxConstant& OnnxImport::constant(const onnx::NodeProto& node, int i) const {
  const OnnxConstant* found = find_constant(node, i);
  if (found == nullptr) fail("'{}' is no constant", input_name(node, i));
  return *found;
}

TensorIndex OnnxImport::activation(const onnx::NodeProto& node, int i) const {
  const std::string& name = input_name(node, i);
  if (const auto left_out = left_out_.find(name); left_out != left_out_.end())
    fail("it reads {}, which is supported at the end of a network only", left_out->second);
  if (padded_.contains(name))
    fail("'{}' comes from a Pad; only a Conv or an AveragePool can read that", name);
  return computed(name);
}

Padded OnnxImport::padded_activation(const onnx::NodeProto& node, int i) const {
  const auto padded = padded_.find(input_name(node, i));
  return padded != padded_.end() ? padded->second : Padded{.tensor = activation(node, i)};
}

void OnnxImport::pad(const onnx::NodeProto& node, const Padded& padded) {
  define(node, padded.tensor);
  padded_.emplace(node.output(0), padded);
}

TensorIndex OnnxImport::computed(const std::string& name) const {
  const auto found = activations_.find(name);
  if (found == activations_.end())
    fail("'{}' is {}", name, constants_.contains(name) ? "a constant" : "not computed before");
  return found->second;
}

const Shape& OnnxImport::map_shape(TensorIndex i) const {
  const graph::Tensor& tensor = graph_.tensor(i);
  if (tensor.layout != Layout::kNhwc) fail("its input '{}' is no map", tensor.name);
  return tensor.shape;
}

void OnnxImport::add(const onnx::NodeProto& node, const std::string& name, graph::Operation operation,
                     std::vector<TensorIndex> inputs) {
  const TensorIndex output = graph::add_node(graph_, name, std::move(operation), std::move(inputs));
  define(node, output);
  graph_.tensor(output).name = tensor_name(output_name(node));
}

TensorIndex OnnxImport::add_hidden(const std::string& name, graph::Operation operation,
                                   std::vector<TensorIndex> inputs) {
  const TensorIndex output =
      graph::add_node(graph_, node_name(name), std::move(operation), std::move(inputs));
  graph_.tensor(output).name = tensor_name(name);
  return output;
}

TensorIndex OnnxImport::weight(const OnnxConstant& constant, Shape shape, Layout layout,
                               std::vector<float> values) {
  spend(values.size());
  const auto key = std::pair(constant.name, layout);
  if (const auto known = weights_.find(key); known != weights_.end()) {
    const graph::Tensor& tensor = graph_.tensor(known->second);
    if (tensor.shape == shape && graph::float_values(tensor) == values) return known->second;
  }
  weights_[key] =
      graph::add_constant(graph_, tensor_name(constant.name), std::move(shape), layout, std::move(values));
  return weights_[key];
}

TensorIndex OnnxImport::vector(const OnnxConstant& constant, float factor) {
  std::vector<float> values = constant.floats();
  for (float& value : values) value *= factor;
  const Shape shape{std::ssize(values)};
  return weight(constant, shape, Layout::kVector, std::move(values));
}

bool OnnxImport::is_bare_gemm(const onnx::NodeProto& node, int i) const {
  const graph::Node* writer = graph::producer_of(graph_, activation(node, i));
  return writer != nullptr && std::holds_alternative<graph::Gemm>(writer->operation) &&
         writer->inputs.size() == 2;
}

void OnnxImport::add_biased(const onnx::NodeProto& node, const std::string& name, int i,
                            const OnnxConstant& bias) {
  std::vector<TensorIndex> inputs = graph::producer_of(graph_, activation(node, i))->inputs;
  inputs.push_back(vector(bias));
  add(node, name, graph::Gemm{}, std::move(inputs));
}

void OnnxImport::give_last_bias(TensorIndex bias) {
  graph_.nodes.back().inputs.push_back(bias);
  graph::output_form(graph_, graph_.nodes.back());
}

graph::Graph OnnxImport::finish() {
  if (source_.output_size() != 1) fail("{} outputs; one is supported", source_.output_size());
  const std::string& output = source_.output(0).name();
  const auto found = activations_.find(output);
  if (found == activations_.end()) fail("no node computes the output '{}'", output);
  if (padded_.contains(output)) fail("it ends in a Pad");
  graph_.output = found->second;
  if (const auto nodes = left_out_.find(output); nodes != left_out_.end())
    note(fmt::format("{} at the end is left out: the scores are those before it", nodes->second));
  return graph::without_unused(graph_);
}

}  // namespace mudra::format
