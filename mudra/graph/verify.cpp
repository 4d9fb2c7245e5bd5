#include "mudra/graph/verify.hpp"

#include <fmt/ranges.h>

#include <set>

#include "mudra/base/error.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/graph/shape_inference.hpp"

namespace mudra::graph {
namespace {

template <typename Items>
void check_names(const Items& items, const char* kind) {
  std::set<std::string_view> names;
  for (const auto& item : items) {
    if (item.name.empty()) fail("a {} has no name", kind);
    if (!names.insert(item.name).second) fail("two {}s are called '{}'", kind, item.name);
  }
}

void check_constant(const Tensor& tensor) {
  if (tensor.values->index() != static_cast<std::size_t>(tensor.type))
    fail("tensor '{}' is {} but its values are not", tensor.name, name_of(tensor.type));
  const std::size_t count = std::visit([](const auto& values) { return values.size(); }, *tensor.values);
  if (count != static_cast<std::size_t>(element_count(tensor.shape)))
    fail("tensor '{}' has {} values for shape [{}]", tensor.name, count, fmt::join(tensor.shape, ", "));
}

std::size_t rank_of(Layout layout) {
  switch (layout) {
    case Layout::kNhwc:
    case Layout::kOihw:
      return 4;
    case Layout::kNc:
    case Layout::kOi:
      return 2;
    case Layout::kVector:
      return 1;
    case Layout::kScalar:
      return 0;
  }
  return 0;
}

void check_tensor(const Tensor& tensor) {
  with_context(fmt::format("tensor '{}'", tensor.name), [&] { check_shape(tensor.shape); });
  if (tensor.shape.size() != rank_of(tensor.layout))
    fail("tensor '{}' is {} but has {} dimensions", tensor.name, name_of(tensor.layout), tensor.shape.size());
  if (tensor.is_constant()) check_constant(tensor);
}

// What is known about the tensors while the nodes are walked in order.
class Walk {
 public:
  explicit Walk(const Graph& graph) : graph_(graph), ready_(graph.tensors.size(), false) {
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) ready_[i] = graph.tensors[i].is_constant();
    if (ready_[index(graph.input)]) fail("the input '{}' is a constant", graph.tensor(graph.input).name);
    ready_[index(graph.input)] = true;
  }

  void visit(const Node& node) {
    for (const TensorIndex i : node.inputs) {
      if (!ready_[index(i)])
        fail("node '{}' reads '{}' before it is written", node.name, graph_.tensor(i).name);
      check_number_format(node, graph_.tensor(i));
    }
    check_number_format(node, graph_.tensor(node.output));
    if (ready_[index(node.output)])
      fail("node '{}' writes '{}', which is there already", node.name, graph_.tensor(node.output).name);
    ready_[index(node.output)] = true;
    check_form(node);
    check_roles(node);
  }

  void finish() const {
    if (!ready_[index(graph_.output)])
      fail("the output '{}' is never written", graph_.tensor(graph_.output).name);
  }

 private:
  std::size_t index(TensorIndex i) const {
    if (i < 0 || static_cast<std::size_t>(i) >= ready_.size()) fail("there is no tensor {}", i);
    return static_cast<std::size_t>(i);
  }

  static void check_number_format(const Node& node, const Tensor& tensor) {
    if (tensor.type == Type::kFloat32 && tensor.exponent)
      fail("node '{}': '{}' is float and has an exponent", node.name, tensor.name);
    if (tensor.type != Type::kFloat32 && !tensor.exponent)
      fail("node '{}': '{}' is {} and has no exponent", node.name, tensor.name, name_of(tensor.type));
  }

  void check_form(const Node& node) const {
    const TensorForm form =
        with_context(fmt::format("node '{}'", node.name), [&] { return output_form(graph_, node); });
    const Tensor& output = graph_.tensor(node.output);
    if (output.shape != form.shape || output.layout != form.layout)
      fail("node '{}' gives {} [{}], but '{}' is {} [{}]", node.name, name_of(form.layout),
           fmt::join(form.shape, ", "), output.name, name_of(output.layout), fmt::join(output.shape, ", "));
  }

  // Activations are of one kind; what comes with the node is constant.
  void check_roles(const Node& node) const {
    const std::size_t activations = activation_count(node);
    const bool is_float = graph_.tensor(node.output).type == Type::kFloat32;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Tensor& tensor = graph_.tensor(node.inputs[i]);
      if ((tensor.type == Type::kFloat32) != is_float)
        fail("node '{}' mixes floats and integers: '{}' and '{}'", node.name, tensor.name,
             graph_.tensor(node.output).name);
      const bool may_be_constant = std::holds_alternative<Mul>(node.operation) && i == 1 && !is_float;
      if (i < activations && tensor.is_constant() && !may_be_constant)
        fail("node '{}': '{}' is a constant; only what is computed is supported there", node.name,
             tensor.name);
      if (i >= activations && !tensor.is_constant())
        fail("node '{}': '{}' is computed; only constants are supported there", node.name, tensor.name);
    }
  }

  const Graph& graph_;
  std::vector<bool> ready_;
};

}  // namespace

void verify(const Graph& graph) {
  check_names(graph.tensors, "tensor");
  check_names(graph.nodes, "node");
  for (const Tensor& tensor : graph.tensors) check_tensor(tensor);
  Walk walk(graph);
  for (const Node& node : graph.nodes) walk.visit(node);
  walk.finish();
  const Shape& output = graph.tensor(graph.output).shape;
  const std::int64_t outputs = output.empty() ? 1 : output.back();
  if (!graph.class_names.empty() && std::ssize(graph.class_names) != outputs)
    fail("{} class names for {} outputs", graph.class_names.size(), outputs);
}

void verify(const Graph& graph, std::string_view pass) {
  with_context(fmt::format("after {}", pass), [&] { verify(graph); });
}

}  // namespace mudra::graph
