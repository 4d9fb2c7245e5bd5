// The same network as other exporters would write it: aliases, products and sums instead of Gemm, other ways
// to average and to flatten, constants in nodes.
#pragma once

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mudra/format/onnx.hpp"
#include "mudra/graph/graph.hpp"
#include "tests/graph/random_graphs.hpp"

namespace mudra::format {

// Rewrites what write_onnx made of `source`; `choices` decide what becomes what.
class OnnxDisguise {
 public:
  OnnxDisguise(onnx::ModelProto& model, const graph::Graph& source, graph::Choices& choices)
      : out_(*model.mutable_graph()), source_(source), choices_(choices) {}

  void put_on() {
    const onnx::GraphProto plain = out_;
    out_.clear_node();
    out_.clear_initializer();
    for (const onnx::TensorProto& constant : plain.initializer()) write_constant(constant);
    for (const onnx::NodeProto& node : plain.node()) write(node);
  }

 private:
  std::string new_name(const char* kind) {
    return std::string("disguise ") + kind + std::to_string(++names_);
  }

  onnx::NodeProto& add(const char* type, std::vector<std::string> inputs, const std::string& output) {
    onnx::NodeProto& node = *out_.add_node();
    node.set_name(new_name(type));
    node.set_op_type(type);
    for (std::string& input : inputs) node.add_input(std::move(input));
    node.add_output(output);
    return node;
  }
  std::string computed(const char* type, std::vector<std::string> inputs) {
    std::string output = new_name("value");
    add(type, std::move(inputs), output);
    return output;
  }
  // `name`, or what stands for it.
  std::string alias(const std::string& name) {
    if (name.empty() || !choices_.one_in(4)) return name;
    return alias(computed("Identity", {name}));
  }
  std::string integers(const std::vector<std::int64_t>& values, bool scalar = false) {
    onnx::TensorProto& constant = *out_.add_initializer();
    constant.set_name(new_name("integers"));
    constant.set_data_type(onnx::TensorProto::INT64);
    if (!scalar) constant.add_dims(std::ssize(values));
    for (const std::int64_t value : values) constant.add_int64_data(value);
    return constant.name();
  }
  static void set_integers(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }

  void write_constant(const onnx::TensorProto& constant) {
    if (!choices_.one_in(4)) {
      *out_.add_initializer() = constant;
      return;
    }
    onnx::AttributeProto& value = *add("Constant", {}, constant.name()).add_attribute();
    value.set_name("value");
    value.set_type(onnx::AttributeProto::TENSOR);
    *value.mutable_t() = constant;
  }

  void write(const onnx::NodeProto& node) {
    if (node.op_type() == "Gemm" && node.input_size() == 3 && choices_.one_in(2)) return write_product(node);
    if (node.op_type() == "GlobalAveragePool" && !choices_.one_in(3)) return write_average(node);
    if (node.op_type() == "Flatten" && !choices_.one_in(3)) return write_reshape(node);
    onnx::NodeProto written = node;
    for (std::string& input : *written.mutable_input()) input = alias(input);
    if (node.op_type() == "Gemm" && node.input_size() == 2)
      products_[{node.input(0), node.input(1)}] = node.output(0);
    *out_.add_node() = std::move(written);
  }

  // A Gemm as a product, shared with an equal one if there is one, and a sum in either order.
  void write_product(const onnx::NodeProto& node) {
    const auto [known, is_new] = products_.try_emplace({node.input(0), node.input(1)}, "");
    if (is_new) known->second = computed("MatMul", {alias(node.input(0)), transposed(node.input(1))});
    std::string product = alias(known->second), bias = alias(node.input(2));
    if (choices_.one_in(2)) std::swap(product, bias);
    add("Add", {product, bias}, node.output(0));
  }

  std::string transposed(const std::string& weight) {
    const graph::Tensor& tensor = source_.tensor(*find_tensor(source_, weight));
    const auto& values = std::get<std::vector<float>>(*tensor.values);
    const auto out = static_cast<std::size_t>(tensor.shape[0]),
               in = static_cast<std::size_t>(tensor.shape[1]);
    onnx::TensorProto& constant = *out_.add_initializer();
    constant.set_name(new_name("weight"));
    constant.set_data_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : {tensor.shape[1], tensor.shape[0]}) constant.add_dims(size);
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t o = 0; o < out; ++o) constant.add_float_data(values[o * in + i]);
    return constant.name();
  }

  void write_average(const onnx::NodeProto& node) {
    const graph::Shape& shape = source_.tensor(*find_tensor(source_, node.input(0))).shape;
    const bool reduces = choices_.one_in(2);
    onnx::NodeProto& written =
        add(reduces ? "ReduceMean" : "AveragePool", {alias(node.input(0))}, node.output(0));
    if (reduces)
      set_integers(written, "axes",
                   choices_.one_in(2) ? std::vector<std::int64_t>{2, 3} : std::vector<std::int64_t>{-1, -2});
    else
      set_integers(written, "kernel_shape", {shape[1], shape[2]});
  }

  void write_reshape(const onnx::NodeProto& node) {
    const std::int64_t features = source_.tensor(*find_tensor(source_, node.output(0))).shape[1];
    const std::string in = alias(node.input(0));
    std::string shape;
    switch (choices_.below(4)) {
      case 0:
        shape = integers({1, -1});
        break;
      case 1:
        shape = integers({-1, features});
        break;
      case 2:
        shape = integers({0, features});
        break;
      default: {
        const std::string batch = computed("Gather", {computed("Shape", {in}), integers({0}, true)});
        shape = computed("Concat", {computed("Unsqueeze", {batch, integers({0})}), integers({-1})});
      }
    }
    add("Reshape", {in, alias(shape)}, node.output(0));
  }

  onnx::GraphProto& out_;
  const graph::Graph& source_;
  graph::Choices& choices_;
  std::map<std::pair<std::string, std::string>, std::string> products_;  // by input and weight
  int names_ = 0;
};

inline std::vector<std::uint8_t> disguised_onnx(const graph::Graph& graph, graph::Choices& choices) {
  const std::vector<std::uint8_t> plain = write_onnx(graph);
  onnx::ModelProto model;
  model.ParseFromArray(plain.data(), static_cast<int>(plain.size()));
  OnnxDisguise(model, graph, choices).put_on();
  std::vector<std::uint8_t> bytes(model.ByteSizeLong());
  model.SerializeToArray(bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace mudra::format
