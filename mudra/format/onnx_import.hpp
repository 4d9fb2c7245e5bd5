// The graph that grows while an ONNX file's nodes are read: what the file's names mean so far.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "mudra/format/onnx.hpp"
#include "mudra/format/onnx_values.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::format {

// A map with so many zeros around it.
struct Padded {
  graph::TensorIndex tensor = 0;
  int top = 0, left = 0, bottom = 0, right = 0;

  bool is_any() const { return top + left + bottom + right > 0; }
};

// Every function throws Error for what a file may have wrong.
class OnnxImport {
 public:
  // Takes in the constants and the input of `source`, which must outlive it.
  OnnxImport(const onnx::GraphProto& source, int opset);

  int opset() const { return opset_; }
  const graph::Graph& graph() const { return graph_; }

  // Whether `node` makes the file's input [n, h, w, c] the [n, c, h, w] that it is here anyway.
  bool makes_input_nchw(const onnx::NodeProto& node) const;
  const Notes& notes() const { return notes_; }
  void note(std::string text) { notes_.push_back(std::move(text)); }

  // What a node is called from now on: its name, or one like it if that is taken or empty.
  std::string node_name(const onnx::NodeProto& node);
  std::string node_name(std::string wanted);

  // Input `i` of a node as what it must be.
  static bool has_input(const onnx::NodeProto& node, int i);
  const OnnxConstant* find_constant(const onnx::NodeProto& node, int i) const;  // nullptr: an activation
  const OnnxConstant& constant(const onnx::NodeProto& node, int i) const;
  graph::TensorIndex activation(const onnx::NodeProto& node, int i) const;
  // The same for a node that can do the padding of a Pad before it.
  Padded padded_activation(const onnx::NodeProto& node, int i) const;
  // The shape [n, h, w, c] of an activation that must be a map.
  const graph::Shape& map_shape(graph::TensorIndex i) const;

  // The first output of `node` is ...
  void define(const onnx::NodeProto& node, OnnxConstant constant);
  void define(const onnx::NodeProto& node, graph::TensorIndex activation);
  // ... its input 0.
  void alias(const onnx::NodeProto& node);
  // ... the same, though the node called `name` does more: the network must end here. Gives the input.
  graph::TensorIndex leave_out(const onnx::NodeProto& node, const std::string& name);
  // ... a map with zeros around it, for padded_activation alone.
  void pad(const onnx::NodeProto& node, const Padded& padded);
  // ... never to be read: an earlier failure was reported.
  void give_up(const onnx::NodeProto& node);
  bool reads_given_up(const onnx::NodeProto& node) const;
  // ... what a new node called `name` computes.
  void add(const onnx::NodeProto& node, const std::string& name, graph::Operation operation,
           std::vector<graph::TensorIndex> inputs);
  // A node that ONNX does not have, in front of the next one.
  graph::TensorIndex add_hidden(const std::string& name, graph::Operation operation,
                                std::vector<graph::TensorIndex> inputs);

  // A constant of the graph; equal ones are shared.
  graph::TensorIndex weight(const OnnxConstant& constant, graph::Shape shape, graph::Layout layout,
                            std::vector<float> values);
  // A vector times `factor`, whatever sizes of 1 are around it.
  graph::TensorIndex vector(const OnnxConstant& constant, float factor = 1);

  // Whether input `i` comes from a Gemm without bias.
  bool is_bare_gemm(const onnx::NodeProto& node, int i) const;
  // The first output of `node`, which adds `bias` to its input `i`, a bare Gemm's, is what a new Gemm called
  // `name` computes; the bare one stays for others that read it.
  void add_biased(const onnx::NodeProto& node, const std::string& name, int i, const OnnxConstant& bias);
  // Gives the Gemm that was added last its bias.
  void give_last_bias(graph::TensorIndex bias);

  // The graph that ends in the file's one output.
  graph::Graph finish();

 private:
  void add_input();
  bool is_made_nchw(const onnx::ValueInfoProto& input) const;
  void check_new(const std::string& name) const;
  graph::TensorIndex computed(const std::string& name) const;
  void define(const std::string& name, OnnxConstant constant);
  void define(const std::string& name, graph::TensorIndex activation);
  std::string tensor_name(std::string wanted);
  void spend(std::size_t values);

  const onnx::GraphProto& source_;
  int opset_;
  graph::Graph graph_;
  std::map<std::string, OnnxConstant, std::less<>> constants_;
  std::map<std::string, graph::TensorIndex, std::less<>> activations_;
  std::map<std::pair<std::string, graph::Layout>, graph::TensorIndex> weights_;
  std::set<std::string, std::less<>> node_names_, tensor_names_;
  std::map<std::string, std::string, std::less<>> left_out_;  // by value: the nodes that were
  std::map<std::string, Padded, std::less<>> padded_;         // by value
  std::set<std::string, std::less<>> given_up_;
  std::string nhwc_input_;  // the file's name for an input that all readers make NCHW; else empty
  Notes notes_;
  std::size_t values_spent_ = 0;
};

// Throws Error, with counts, for nodes of unknown operations.
void check_operations(const onnx::GraphProto& source);

// Adds what `node` computes; its operation is known. Throws Error for a form of it that is not supported.
void import_node(OnnxImport& import, const onnx::NodeProto& node, const std::string& name);

}  // namespace mudra::format
