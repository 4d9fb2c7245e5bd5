// A small network like LightGestureNet, for tests: a picture in, gray and 96 x 96 unless said otherwise, four
// or more classes out, with recorded inputs and the traces of its nodes.
#pragma once

#include "mudra/base/random.hpp"
#include "mudra/device/image.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/simulator.hpp"
#include "mudra/sim/trace.hpp"
#include "tests/format/espdl_files.hpp"

namespace mudra::firmware {

inline graph::Values random_picture(std::uint64_t seed, const device::PictureShape& shape = {}) {
  Random random(seed, 3);
  std::vector<std::int8_t> pixels(shape.bytes());
  for (auto& pixel : pixels) pixel = static_cast<std::int8_t>(random.below(128));
  return pixels;
}

enum class Traces { kNone, kAll };

// The sides of the shape are multiples of four.
inline format::EspdlFile gesture_file(Traces traces = Traces::kAll, int classes = 4,
                                      const device::PictureShape& shape = {}) {
  using graph::Layout;
  using graph::Type;
  format::IntegerGraph g(21);
  g.graph.input = g.activation("picture", {1, shape.height, shape.width, shape.channels}, Type::kInt8, -7);
  const auto w0 = g.constant<std::int8_t>("w0", {16, shape.channels, 3, 3}, Layout::kOihw, -6, 60);
  const auto b0 = g.constant<std::int32_t>("b0", {16}, Layout::kVector, -13, 2000);
  const auto first = g.activation("first", {1, shape.height / 2, shape.width / 2, 16}, Type::kInt8, -5);
  g.node("first conv", graph::Conv{.window = {3, 3, 2, 2, 1, 1, 1, 1}}, {g.graph.input, w0, b0}, first);
  const auto clipped = g.activation("clipped", {1, shape.height / 2, shape.width / 2, 16}, Type::kInt8, -5);
  g.node("first clip", graph::Clip{0.0f, 3.0f}, {first}, clipped);
  const auto w1 = g.constant<std::int8_t>("w1", {16, 1, 3, 3}, Layout::kOihw, -6, 90);
  const auto b1 = g.constant<std::int32_t>("b1", {16}, Layout::kVector, -11, 2000);
  const auto deep = g.activation("deep", {1, shape.height / 4, shape.width / 4, 16}, Type::kInt8, -5);
  g.node("depthwise", graph::Conv{{3, 3, 2, 2, 1, 1, 1, 1}, true, true}, {clipped, w1, b1}, deep);
  const auto pooled = g.activation("pooled", {1, 1, 1, 16}, Type::kInt8, -6);
  g.node("pool", graph::GlobalAveragePool{}, {deep}, pooled);
  const auto turned = g.activation("turned", {1, 16, 1, 1}, Type::kInt8, -6);
  g.node("turn", graph::Transpose{{0, 3, 1, 2}}, {pooled}, turned);
  const auto flat = g.activation("flat", {1, 16}, Type::kInt8, -6);
  g.node("flatten", graph::Flatten{}, {turned}, flat);
  const auto w2 = g.constant<std::int8_t>("w2", {classes, 16}, Layout::kOi, -6, 127);
  const auto b2 = g.constant<std::int32_t>("b2", {classes}, Layout::kVector, -12, 2000);
  const auto scores = g.activation("scores", {1, classes}, Type::kInt8, -4);
  g.node("classifier", graph::Gemm{}, {flat, w2, b2}, scores);
  g.graph.class_names = {"palm", "fist", "thumb up", "ok"};
  for (int i = 4; i < classes; ++i) g.graph.class_names.push_back(fmt::format("gesture {}", i));

  format::EspdlFile file;
  file.graph = std::move(g.graph);
  const sim::Simulator simulator(file.graph);
  for (const std::uint64_t seed : {1, 2}) {
    const graph::Values input = random_picture(seed, shape);
    file.tests.push_back({input, simulator.run(input)[static_cast<std::size_t>(file.graph.output)]});
  }
  if (traces == Traces::kAll) sim::add_traces(file);
  return file;
}

}  // namespace mudra::firmware
