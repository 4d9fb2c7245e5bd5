#include <fmt/ranges.h>

#include <algorithm>

#include "mudra/base/printable.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/graph/clip_bounds.hpp"
#include "mudra/graph/describe.hpp"

namespace mudra::format {
namespace {

// "int8 [1, 48, 48, 16] * 2^-4"
std::string form_of(const graph::Tensor& tensor) {
  return fmt::format("{} [{}] * 2^{}", graph::name_of(tensor.type), fmt::join(tensor.shape, ", "),
                     tensor.exponent.value_or(0));
}

std::string details_of(const graph::Graph& graph, const graph::Node& node) {
  const auto* clip = std::get_if<graph::Clip>(&node.operation);
  if (clip == nullptr) return graph::details_of(node.operation);
  const auto bounds = graph::clip_bounds(*clip, graph.tensor(node.inputs[0]));
  return fmt::format("{} to {} (integers {} to {})", clip->low, clip->high, bounds.low, bounds.high);
}

std::string text_of(const graph::Graph& graph, const graph::Node& node) {
  std::string text = fmt::format("{}  {}", node.name, graph::name_of(node.operation));
  const std::string more = details_of(graph, node);
  if (!more.empty()) text += " " + more;
  text += "\n";
  for (const graph::TensorIndex i : node.inputs) {
    const graph::Tensor& tensor = graph.tensor(i);
    const bool constant = tensor.is_constant();
    text += fmt::format("    {} {}{}\n", constant ? "with" : "from", tensor.name,
                        constant ? "  " + form_of(tensor) : "");
  }
  const graph::Tensor& output = graph.tensor(node.output);
  return text + fmt::format("    to   {}  {}\n", output.name, form_of(output));
}

std::size_t constant_bytes(const graph::Graph& graph) {
  std::size_t bytes = 0;
  for (const graph::Tensor& tensor : graph.tensors)
    if (tensor.is_constant())
      bytes +=
          std::visit([](const auto& values) { return values.size() * sizeof(values[0]); }, *tensor.values);
  return bytes;
}

}  // namespace

std::string describe(const EspdlFile& file) {
  const graph::Graph& graph = file.graph;
  std::string text = fmt::format("{} graph '{}': {} nodes, {} bytes of weights and biases\n",
                                 file.generation == EspdlGeneration::kEdl1 ? "EDL1" : "EDL2", graph.name,
                                 graph.nodes.size(), constant_bytes(graph));
  const auto line = [&](const char* role, const std::string& value) {
    if (!value.empty()) text += printable(fmt::format("{}: {}", role, value)) + "\n";
  };
  line("producer", file.producer_name + (file.producer_version.empty() ? "" : " " + file.producer_version));
  line("domain", file.domain);
  line("description", file.doc_string);
  if (file.model_version != 0) line("version", fmt::format("{}", file.model_version));
  for (const auto& [key, value] : graph.metadata) line(("metadata " + key).c_str(), value);
  line("classes", fmt::format("{}", fmt::join(graph.class_names, ", ")));
  line("input", graph.tensor(graph.input).name + "  " + form_of(graph.tensor(graph.input)));
  line("output", graph.tensor(graph.output).name + "  " + form_of(graph.tensor(graph.output)));
  line("test vectors", file.tests.empty() ? "none" : fmt::format("{}", file.tests.size()));
  text += "\n";
  for (const graph::Node& node : graph.nodes) text += text_of(graph, node);
  return text;
}

}  // namespace mudra::format
