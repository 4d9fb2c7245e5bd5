#include "mudra/device/trace.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "mudra/sim/simulator.hpp"
#include "mudra/sim/trace.hpp"
#include "tests/device/network_family.hpp"
#include "tests/firmware/gesture_model.hpp"

namespace mudra::device {
namespace {

struct alignas(64) Line {
  std::byte bytes[64];
};

std::span<const std::byte> bytes_in(const graph::Values& values) {
  return std::visit([](const auto& integers) { return std::as_bytes(std::span(integers)); }, values);
}

// What the engine with these kernels says of recorded input 0, by the node's name; empty: nothing is wrong.
std::string wrong_node(const format::EspdlFile& file, const Kernels& kernels = portable_kernels()) {
  const auto model = format::write_espdl(file);
  auto engine = std::make_unique<Engine>();
  EXPECT_EQ(engine->prepare(model, {}, kernels), Status::kArenaTooSmall);
  std::vector<Line> arena(engine->arena_bytes() / sizeof(Line) + 1);
  EXPECT_EQ(engine->prepare(model, std::as_writable_bytes(std::span(arena)), kernels), Status::kOk);
  const auto input = bytes_in(file.tests[0].input);
  std::memcpy(engine->input().data(), input.data(), input.size());
  ModelView view;
  EXPECT_EQ(view.open(model), Status::kOk);
  const int node = first_wrong_node(*engine, Trace(view, 0));
  return node == kNoNode ? "" : std::string(view.node(node).name());
}

format::EspdlFile traced_network(std::uint64_t seed) {
  auto file = random_network(seed);
  const auto count =
      static_cast<std::size_t>(graph::element_count(file.graph.tensor(file.graph.input).shape));
  Random random(seed, 4);
  graph::Values input = std::vector<std::int8_t>(count);
  if (file.graph.tensor(file.graph.input).type == graph::Type::kInt16)
    input = std::vector<std::int16_t>(count);
  std::visit(
      [&](auto& integers) {
        for (auto& value : integers)
          value = static_cast<std::remove_reference_t<decltype(value)>>(random.bits());
      },
      input);
  const auto output = sim::Simulator(file.graph).run(input)[static_cast<std::size_t>(file.graph.output)];
  file.tests = {{input, output}};
  sim::add_traces(file);
  return file;
}

TEST(Trace, of_the_simulator_is_that_of_the_engine_for_every_network_of_the_family) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) EXPECT_EQ(wrong_node(traced_network(seed)), "") << seed;
}

// Kernels of which one kind of operation makes a wrong first integer.
template <Operation::Kind kKind>
Kernels spoiled() {
  Kernels kernels = portable_kernels();
  kernels.choose = [](const Operation& chosen) {
    if (chosen.kind != kKind) return portable_kernels().choose(chosen);
    return Kernel([](const Operation& operation, const Tile& tile) {
      portable_kernels().choose(operation)(operation, tile);
      if (tile.out != nullptr) tile.out[0] ^= std::byte{1};
    });
  };
  return kernels;
}

TEST(Trace, names_the_first_node_whose_output_differs) {
  const auto file = firmware::gesture_file();
  EXPECT_EQ(wrong_node(file), "");
  EXPECT_EQ(wrong_node(file, spoiled<Operation::Kind::kAveragePool>()), "pool");
  EXPECT_EQ(wrong_node(file, spoiled<Operation::Kind::kConvolution>()), "first conv");
}

TEST(Trace, names_nothing_without_one_in_the_model) {
  EXPECT_EQ(
      wrong_node(firmware::gesture_file(firmware::Traces::kNone), spoiled<Operation::Kind::kConvolution>()),
      "");
}

TEST(Trace, is_not_taken_when_it_is_of_another_number_of_nodes) {
  auto file = firmware::gesture_file();
  file.graph.metadata["trace.0"].pop_back();
  EXPECT_EQ(wrong_node(file, spoiled<Operation::Kind::kConvolution>()), "");
}

TEST(Trace, has_a_key_for_each_input_there_may_be) {
  EXPECT_EQ(TraceKey(0).text(), "trace.0");
  EXPECT_EQ(TraceKey(10).text(), "trace.10");
  EXPECT_EQ(TraceKey(kMaxTests - 1).text(), "trace.63");
}

}  // namespace
}  // namespace mudra::device
