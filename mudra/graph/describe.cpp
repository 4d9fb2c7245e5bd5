#include "mudra/graph/describe.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "mudra/base/printable.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::graph {
namespace {

std::string steps_of(const Window& w) {
  std::string text;
  if (w.stride_h != 1 || w.stride_w != 1) text += fmt::format(", stride {}x{}", w.stride_h, w.stride_w);
  if (w.is_padded())
    text += fmt::format(", padding {} {} {} {}", w.pad_top, w.pad_left, w.pad_bottom, w.pad_right);
  return text;
}

std::string details(const Conv& conv) {
  return fmt::format("{}x{}{}{}{}", conv.window.kernel_h, conv.window.kernel_w,
                     conv.depthwise ? ", depthwise" : "", steps_of(conv.window),
                     conv.fused_relu ? ", Relu" : "");
}
std::string details(const MaxPool& pool) {
  return fmt::format("{}x{}{}", pool.window.kernel_h, pool.window.kernel_w, steps_of(pool.window));
}
std::string details(const AveragePool& pool) {
  return fmt::format("{}x{}{}{}", pool.window.kernel_h, pool.window.kernel_w, steps_of(pool.window),
                     pool.count_include_pad ? "" : ", padding not counted");
}
std::string details(const Activation& activation) {
  std::string text = has_alpha(activation.function) ? fmt::format("alpha {}", activation.alpha) : "";
  return has_beta(activation.function) ? text + fmt::format(", beta {}", activation.beta) : text;
}
std::string details(const Gemm& gemm) { return gemm.fused_relu ? "Relu" : ""; }
std::string details(const Clip& clip) { return fmt::format("{} to {}", clip.low, clip.high); }
std::string details(const BatchNormalization& norm) { return fmt::format("epsilon {}", norm.epsilon); }
std::string details(const Transpose& transpose) {
  return fmt::format("axes {}", fmt::join(transpose.permutation, " "));
}
template <typename Operation>
std::string details(const Operation&) {
  return "";
}

std::int64_t parameter_count(const Graph& graph, const Node& node) {
  std::int64_t count = 0;
  for (const TensorIndex i : node.inputs)
    if (graph.tensor(i).is_constant()) count += element_count(graph.tensor(i).shape);
  return count;
}

}  // namespace

std::string details_of(const Operation& operation) {
  return std::visit([](const auto& o) { return details(o); }, operation);
}

std::string describe(const Graph& graph) {
  const Tensor &input = graph.tensor(graph.input), &output = graph.tensor(graph.output);
  std::string text = fmt::format("{}: {} {} [{}] -> {} [{}]\n", graph.name, name_of(input.type), input.name,
                                 fmt::join(input.shape, ", "), output.name, fmt::join(output.shape, ", "));
  if (!graph.class_names.empty()) text += fmt::format("classes: {}\n", fmt::join(graph.class_names, ", "));
  for (const auto& [key, value] : graph.metadata) text += printable(fmt::format("{}: {}", key, value)) + "\n";

  std::size_t name_width = 4, details_width = 9;
  for (const Node& node : graph.nodes) {
    name_width = std::max(name_width, node.name.size());
    details_width = std::max(details_width, std::string_view(name_of(node.operation)).size() + 1 +
                                                details_of(node.operation).size());
  }
  text += fmt::format("\n{:<{}}  {:<{}}  {:<20}  {:>10}  {:>13}\n", "node", name_width, "operation",
                      details_width, "output", "parameters", "multiply-adds");
  std::int64_t parameters = 0, products = 0;
  for (const Node& node : graph.nodes) {
    parameters += parameter_count(graph, node);
    products += multiply_adds(graph, node);
    const std::string operation = fmt::format("{} {}", name_of(node.operation), details_of(node.operation));
    text += fmt::format("{:<{}}  {:<{}}  {:<20}  {:>10}  {:>13}\n", node.name, name_width, operation,
                        details_width, fmt::format("[{}]", fmt::join(graph.tensor(node.output).shape, ", ")),
                        parameter_count(graph, node), multiply_adds(graph, node));
  }
  return text +
         fmt::format("{} nodes, {} parameters, {} multiply-adds\n", graph.nodes.size(), parameters, products);
}

}  // namespace mudra::graph
