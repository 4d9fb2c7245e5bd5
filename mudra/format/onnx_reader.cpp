#include <onnx/onnx_pb.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/files.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/format/class_names.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/format/onnx_external.hpp"
#include "mudra/format/onnx_import.hpp"
#include "mudra/graph/verify.hpp"

namespace mudra::format {
namespace {

// Networks of this family have 0.2 MB and 50 nodes.
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
constexpr int kMaxNodes = 10000;

// Of each node the error, though what reads a refused node is no error of its own.
class Failures {
 public:
  void add(std::string text) {
    ++count_;
    if (count_ > kShown) return;
    text_ += fmt::format("{}{}", text_.empty() ? "" : "; ", text);
  }
  // Throws Error unless nothing was added.
  void check() const {
    if (count_ == 1) fail("{}", text_);
    if (count_ > 1)
      fail("{} nodes are not supported: {}{}", count_, text_,
           count_ > kShown ? fmt::format("; and {} more", count_ - kShown) : "");
  }

 private:
  static constexpr int kShown = 6;
  int count_ = 0;
  std::string text_;
};

void import_nodes(OnnxImport& import, const onnx::GraphProto& source) {
  check_operations(source);
  Failures failures;
  for (const onnx::NodeProto& node : source.node()) {
    if (import.reads_given_up(node)) {
      import.give_up(node);
      continue;
    }
    const std::string name = import.node_name(node);
    try {
      with_context(fmt::format("node '{}' ({})", name, node.op_type()),
                   [&] { import_node(import, node, name); });
    } catch (const Error& error) {
      failures.add(error.text);
      import.give_up(node);
    }
  }
  failures.check();
}

int opset_of(const onnx::ModelProto& model, Notes& notes) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    if (opset.version() < kOldestOnnxOpset)
      fail("opset {}; supported are {} and later", opset.version(), kOldestOnnxOpset);
    if (opset.version() > kNewestOnnxOpset)
      notes.push_back(fmt::format("opset {} is newer than {}, the newest known here, and read as that",
                                  opset.version(), kNewestOnnxOpset));
    return static_cast<int>(std::min<std::int64_t>(opset.version(), kNewestOnnxOpset));
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

onnx::ModelProto parsed(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > kMaxBytes) fail("more than {} MB", kMaxBytes >> 20);
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph())
    fail("not an ONNX file");
  if (model.graph().node_size() > kMaxNodes) fail("more than {} nodes", kMaxNodes);
  check_names(model.graph());
  return model;
}

graph::Graph graph_of(const onnx::ModelProto& model, Notes* notes) {
  Notes all;
  const int opset = opset_of(model, all);
  OnnxImport import(model.graph(), opset);
  import_nodes(import, model.graph());
  graph::Graph graph = import.finish();
  read_metadata(model, graph);
  verify(graph);
  all.insert(all.end(), import.notes().begin(), import.notes().end());
  if (notes != nullptr) *notes = std::move(all);
  return graph;
}

}  // namespace

graph::Graph read_onnx(std::span<const std::uint8_t> bytes, Notes* notes) {
  return graph_of(parsed(bytes), notes);
}

graph::Graph load_onnx(const std::filesystem::path& path, Notes* notes) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  return with_context(path.string(), [&] {
    onnx::ModelProto model = parsed(bytes);
    take_in_external_data(model, path.parent_path());
    return graph_of(model, notes);
  });
}

}  // namespace mudra::format
