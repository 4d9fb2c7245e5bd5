#include <onnx/onnx_pb.h>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/onnx_import.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::format {
namespace {

// Networks of this family have 0.2 MB and 50 nodes.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr int kMaxNodes = 10000;

int opset_of(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    if (opset.version() < kOldestOnnxOpset || opset.version() > kNewestOnnxOpset)
      fail("opset {}; supported are {} to {}", opset.version(), kOldestOnnxOpset, kNewestOnnxOpset);
    return static_cast<int>(opset.version());
  }
  fail("it does not say its opset");
}

// Names appear in messages.
void check_names(const onnx::GraphProto& graph) {
  check_printable(graph.name(), "graph's name");
  for (const onnx::TensorProto& tensor : graph.initializer())
    check_printable(tensor.name(), "constant's name");
  for (const auto* values : {&graph.input(), &graph.output()})
    for (const onnx::ValueInfoProto& value : *values) check_printable(value.name(), "value's name");
  for (const onnx::NodeProto& node : graph.node()) {
    check_printable(node.name(), "node's name");
    check_printable(node.op_type(), "node's type");
    for (const auto* values : {&node.input(), &node.output()})
      for (const std::string& value : *values) check_printable(value, "value's name");
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      check_printable(attribute.s(), "attribute");
      check_printable(attribute.t().name(), "constant's name");
    }
  }
}

void read_metadata(const onnx::ModelProto& model, graph::Graph& graph) {
  const std::int64_t outputs = graph.tensor(graph.output).shape.back();
  for (const onnx::StringStringEntryProto& entry : model.metadata_props()) {
    if (entry.key() == kClassesKey) graph.class_names = class_names_in(entry.value(), outputs);
    if (entry.key() != kClassesKey || graph.class_names.empty()) graph.metadata[entry.key()] = entry.value();
  }
}

}  // namespace

graph::Graph read_onnx(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxBytes) fail("more than {} MB", kMaxBytes >> 20);
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
    fail("not an ONNX file");
  if (model.graph().node_size() > kMaxNodes) fail("more than {} nodes", kMaxNodes);
  check_names(model.graph());
  OnnxImport import(model.graph(), opset_of(model));
  for (const onnx::NodeProto& node : model.graph().node()) {
    const std::string name = import.node_name(node);
    with_context(fmt::format("node '{}' ({})", name, node.op_type()),
                 [&] { import_node(import, node, name); });
  }
  graph::Graph graph = std::move(import).finish();
  read_metadata(model, graph);
  verify(graph, "reading");
  return graph;
}

graph::Graph load_onnx(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  return with_context(path.string(), [&] { return read_onnx(bytes); });
}

}  // namespace mudra::format
