#include <onnx/onnx_pb.h>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
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
