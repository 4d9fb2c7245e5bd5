// A small integer network with every operation an .espdl can hold, for tests of its reader and writer.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mudra/base/random.hpp"
#include "mudra/format/espdl.hpp"

namespace mudra::format {

// Grows a graph with its tensors in order of first use.
class IntegerGraph {
 public:
  explicit IntegerGraph(std::uint64_t seed) : random_(seed) { graph.name = "small"; }

  graph::TensorIndex add(graph::Tensor tensor) {
    graph.tensors.push_back(std::move(tensor));
    return static_cast<graph::TensorIndex>(graph.tensors.size() - 1);
  }

  graph::TensorIndex activation(std::string name, graph::Shape shape, graph::Type type, int exponent) {
    const auto layout = shape.size() == 4 ? graph::Layout::kNhwc : graph::Layout::kNc;
    return add({.name = std::move(name),
                .shape = std::move(shape),
                .layout = layout,
                .type = type,
                .exponent = exponent,
                .values = {}});
  }

  template <typename Integer>
  graph::TensorIndex constant(const std::string& name, graph::Shape shape, graph::Layout layout, int exponent,
                              std::int64_t most) {
    std::vector<Integer> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (Integer& value : values)
      value = static_cast<Integer>(
          static_cast<std::int64_t>(random_.bits() % static_cast<std::uint64_t>(2 * most + 1)) - most);
    const auto type = static_cast<graph::Type>(graph::Values(values).index());
    return add({.name = name,
                .shape = std::move(shape),
                .layout = layout,
                .type = type,
                .exponent = exponent,
                .values = std::move(values)});
  }

  void node(std::string name, graph::Operation operation, std::vector<graph::TensorIndex> inputs,
            graph::TensorIndex output) {
    graph.nodes.push_back({std::move(name), std::move(operation), std::move(inputs), output});
    graph.output = output;
  }

  graph::Graph graph;

 private:
  Random random_;
};

// Remainders of 16 and of 8 channels, both widths, every operation.
inline EspdlFile small_espdl(EspdlGeneration generation = EspdlGeneration::kEdl2) {
  using graph::Layout;
  using graph::Type;
  IntegerGraph g(11);
  g.graph.input = g.activation("input", {1, 6, 6, 3}, Type::kInt8, -7);
  const auto w0 = g.constant<std::int8_t>("w0", {20, 3, 3, 3}, Layout::kOihw, -6, 127);
  const auto b0 = g.constant<std::int32_t>("b0", {20}, Layout::kVector, -13, 20000);
  const auto c0 = g.activation("c0", {1, 3, 3, 20}, Type::kInt8, -5);
  g.node("conv0", graph::Conv{.window = {3, 3, 2, 2, 1, 1, 1, 1}}, {g.graph.input, w0, b0}, c0);
  const auto clip0 = g.activation("clip0", {1, 3, 3, 20}, Type::kInt8, -5);
  g.node("clip", graph::Clip{0.0f, 3.0f}, {c0}, clip0);
  const auto w1 = g.constant<std::int8_t>("w1", {20, 1, 3, 2}, Layout::kOihw, -6, 127);
  const auto b1 = g.constant<std::int32_t>("b1", {20}, Layout::kVector, -11, 20000);
  const auto c1 = g.activation("c1", {1, 3, 3, 20}, Type::kInt8, -5);
  g.node("depthwise", graph::Conv{{3, 2, 1, 1, 1, 0, 1, 1}, true, true}, {clip0, w1, b1}, c1);
  const auto sum = g.activation("sum", {1, 3, 3, 20}, Type::kInt8, -5);
  g.node("add", graph::Add{}, {clip0, c1}, sum);
  const auto wide = g.activation("wide", {1, 3, 3, 20}, Type::kInt16, -11);
  g.node("requantize", graph::RequantizeLinear{}, {sum}, wide);
  const auto w2 = g.constant<std::int16_t>("w2", {13, 20, 1, 1}, Layout::kOihw, -14, 32767);
  const auto b2 = generation == EspdlGeneration::kEdl2
                      ? g.constant<std::int64_t>("b2", {13}, Layout::kVector, -25, std::int64_t{1} << 35)
                      : g.constant<std::int32_t>("b2", {13}, Layout::kVector, -25, 1 << 30);
  const auto c2 = g.activation("c2", {1, 3, 3, 13}, Type::kInt16, -10);
  g.node("conv2", graph::Conv{}, {wide, w2, b2}, c2);
  const auto relu = g.activation("relu", {1, 3, 3, 13}, Type::kInt16, -10);
  g.node("relu", graph::Relu{}, {c2}, relu);
  const auto wide_clip = g.activation("wide_clip", {1, 3, 3, 13}, Type::kInt16, -10);
  g.node("wide_clip", graph::Clip{-1.0f, 6.0f}, {relu}, wide_clip);
  const auto narrow = g.activation("narrow", {1, 3, 3, 13}, Type::kInt8, -3);
  g.node("narrow", graph::RequantizeLinear{}, {wide_clip}, narrow);
  const auto pool = g.activation("pool", {1, 1, 1, 13}, Type::kInt8, -4);
  g.node("pool", graph::GlobalAveragePool{}, {narrow}, pool);
  const auto turned = g.activation("turned", {1, 13, 1, 1}, Type::kInt8, -4);
  g.node("transpose", graph::Transpose{{0, 3, 1, 2}}, {pool}, turned);
  const auto flat = g.activation("flat", {1, 13}, Type::kInt8, -4);
  g.node("flatten", graph::Flatten{}, {turned}, flat);
  const auto w3 = g.constant<std::int8_t>("w3", {17, 13}, Layout::kOi, -6, 127);
  const auto b3 = g.constant<std::int32_t>("b3", {17}, Layout::kVector, -10, 5000);
  const auto scores = g.activation("scores", {1, 17}, Type::kInt8, -2);
  g.node("gemm", graph::Gemm{true}, {flat, w3, b3}, scores);

  EspdlFile file{.graph = std::move(g.graph),
                 .generation = generation,
                 .producer_name = "tests",
                 .producer_version = "3",
                 .domain = "hands",
                 .doc_string = "for tests",
                 .model_version = 5,
                 .tests = {}};
  file.graph.metadata = {{"preprocessing", "gray"}, {"version", "1"}};
  for (std::int64_t i = 0; i < 17; ++i) file.graph.class_names.push_back(fmt::format("class, {}", i));
  for (int i = 0; i < 3; ++i) {
    std::vector<std::int8_t> input(6 * 6 * 3), output(17);
    Random random(5, i);
    for (auto* values : {&input, &output})
      for (std::int8_t& value : *values) value = static_cast<std::int8_t>(random.bits());
    file.tests.push_back({std::move(input), std::move(output)});
  }
  return file;
}

}  // namespace mudra::format
