// The operations without sums of products, and what the simulator refuses.
#include "mudra/sim/simulator.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "mudra/base/error.hpp"
#include "one_node.hpp"
#include "tests/refusal.hpp"

namespace mudra::sim {
namespace {

using graph::Type;
using testing::ElementsAre;
using testing::HasSubstr;

const graph::Shape kMap = {1, 2, 3, 4};

template <typename Integer>
std::vector<Integer> every_value() {
  std::vector<Integer> values;
  for (std::int32_t v = std::numeric_limits<Integer>::min(); v <= std::numeric_limits<Integer>::max(); ++v)
    values.push_back(static_cast<Integer>(v));
  return values;
}

template <typename Out, typename In>
std::vector<Out> run(const graph::Graph& graph, const std::vector<In>& input) {
  return std::get<std::vector<Out>>(Simulator(graph).run(input)[static_cast<std::size_t>(graph.output)]);
}

std::string simulator_refusal(const graph::Graph& graph) {
  return refusal([&] { Simulator simulator(graph); });
}

// Section 7: out = clamp(floor(q * 2^(ein - eout) + 0.5))
template <typename In, typename Out>
void expect_requantized() {
  const auto values = every_value<In>();
  const auto count = static_cast<std::int64_t>(values.size());
  for (const int out_exponent : {-20, -12, -9, -8, -7, -6, -4, 0, 9}) {
    const auto graph = one_node(graph::RequantizeLinear{}, {1, count}, kTypeOf<In>, -8, {1, count},
                                kTypeOf<Out>, out_exponent);
    const auto out = run<Out>(graph, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double exact = std::floor(values[i] * std::pow(2.0, -8 - out_exponent) + 0.5);
      ASSERT_EQ(out[i],
                std::clamp<double>(exact, std::numeric_limits<Out>::min(), std::numeric_limits<Out>::max()))
          << values[i] << " to exponent " << out_exponent;
    }
  }
}

TEST(RequantizeLinear, rounds_half_up_and_clamps_every_value) {
  expect_requantized<std::int8_t, std::int8_t>();
  expect_requantized<std::int8_t, std::int16_t>();
  expect_requantized<std::int16_t, std::int8_t>();
  expect_requantized<std::int16_t, std::int16_t>();
}

TEST(Clip, compares_with_its_bounds_at_the_tensors_exponent) {
  const auto values = every_value<std::int8_t>();
  for (const auto& [exponent, most] :
       {std::pair{-4, 96}, std::pair{-5, 127}, std::pair{-3, 48}, std::pair{2, 2}}) {
    const auto out = run<std::int8_t>(
        one_node(graph::Clip{0, 6}, {1, 256}, Type::kInt8, exponent, {1, 256}, Type::kInt8, exponent),
        values);
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(out[i], std::min(std::max<int>(values[i], 0), most)) << "exponent " << exponent;
  }
  const auto wide = every_value<std::int16_t>();
  const auto out = run<std::int16_t>(
      one_node(graph::Clip{-1, 6}, {1, 65536}, Type::kInt16, -12, {1, 65536}, Type::kInt16, -12), wide);
  for (std::size_t i = 0; i < wide.size(); ++i)
    ASSERT_EQ(out[i], std::min(std::max<int>(wide[i], -4096), 24576));
}

TEST(Relu, keeps_what_is_positive) {
  const auto values = every_value<std::int8_t>();
  const auto out =
      run<std::int8_t>(one_node(graph::Relu{}, {1, 256}, Type::kInt8, -4, {1, 256}, Type::kInt8, -4), values);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(out[i], std::max<int>(values[i], 0));
}

template <typename Integer>
graph::Graph add_graph(std::int64_t count, int first, int second, int sum) {
  GraphBuilder builder;
  const Type type = kTypeOf<Integer>;
  builder.graph.input = builder.activation("input", {1, count}, type, first);
  const auto moved = builder.activation("moved", {1, count}, type, second);
  const auto output = builder.activation("output", {1, count}, type, sum);
  builder.node("move", graph::RequantizeLinear{}, {builder.graph.input}, moved);
  builder.node("add", graph::Add{}, {builder.graph.input, moved}, output);
  return std::move(builder.graph);
}

TEST(Add, saturates_the_sum_of_tensors_with_one_exponent) {
  const auto values = every_value<std::int16_t>();
  const auto out = run<std::int16_t>(add_graph<std::int16_t>(65536, -4, -4, -4), values);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(out[i], std::clamp(2 * values[i], -32768, 32767));
  EXPECT_THAT(
      run<std::int8_t>(add_graph<std::int8_t>(4, -4, -4, -4), std::vector<std::int8_t>{100, -100, 5, 0}),
      ElementsAre(127, -128, 10, 0));
}

// Section 8, in float32.
TEST(GlobalAveragePool, is_the_chips_float_average) {
  Random random(4);
  for (const auto& [height, width] : {std::pair{6, 6}, {12, 12}, {1, 1}, {7, 2}, {3, 5}, {24, 24}})
    for (const int out_exponent : {-6, -5, -4, -3, -2}) {
      const std::int64_t channels = 19;
      const auto values = random_integers<std::int8_t>(static_cast<std::size_t>(height * width * channels),
                                                       static_cast<Spread>(random.below(3)), random);
      const auto out =
          run<std::int8_t>(one_node(graph::GlobalAveragePool{}, {1, height, width, channels}, Type::kInt8, -4,
                                    {1, 1, 1, channels}, Type::kInt8, out_exponent),
                           values);
      for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        int sum = 0;
        for (std::size_t i = c; i < values.size(); i += static_cast<std::size_t>(channels)) sum += values[i];
        const float average = static_cast<float>(sum) * (1.0f / static_cast<float>(height * width));
        const float scaled = average * std::exp2(static_cast<float>(-4 - out_exponent));
        ASSERT_EQ(out[c], std::clamp(std::floor(scaled + 0.5f), -128.0f, 127.0f)) << height << "x" << width;
      }
    }
}

TEST(Transpose, moves_values_to_their_new_axes) {
  std::vector<std::int8_t> values(24);
  std::iota(values.begin(), values.end(), std::int8_t{0});
  const auto out = run<std::int8_t>(
      one_node(graph::Transpose{{0, 3, 1, 2}}, kMap, Type::kInt8, -4, {1, 4, 2, 3}, Type::kInt8, -4), values);
  for (std::size_t c = 0; c < 4; ++c)
    for (std::size_t y = 0; y < 2; ++y)
      for (std::size_t x = 0; x < 3; ++x) ASSERT_EQ(out[(c * 2 + y) * 3 + x], values[(y * 3 + x) * 4 + c]);
}

TEST(Simulator, keeps_every_tensor_and_may_be_run_again_in_the_same_memory) {
  const Simulator simulator(add_graph<std::int8_t>(3, -4, -4, -4));
  Activations activations;
  for (const std::int8_t value : {5, 7}) {
    simulator.run(std::vector<std::int8_t>(3, value), activations);
    ASSERT_EQ(activations.size(), 3u);
    EXPECT_THAT(std::get<std::vector<std::int8_t>>(activations[0]), ElementsAre(value, value, value));
    EXPECT_EQ(activations[1], activations[0]);
    EXPECT_THAT(std::get<std::vector<std::int8_t>>(activations[2]),
                ElementsAre(2 * value, 2 * value, 2 * value));
  }
}

TEST(Simulator, refuses_what_the_chip_does_not_define_with_the_nodes_name) {
  EXPECT_THAT(
      simulator_refusal(add_graph<std::int8_t>(4, -4, -3, -3)),
      HasSubstr("node 'add': 'input' has exponent -4 and 'output' -3; it takes the integers as they are"));
  EXPECT_THAT(simulator_refusal(one_node(graph::Clip{}, kMap, Type::kInt8, -4, kMap, Type::kInt8, -3)),
              HasSubstr("node 'node': 'input' has exponent -4"));
  EXPECT_THAT(simulator_refusal(one_node(graph::Relu{}, kMap, Type::kInt8, -4, kMap, Type::kInt16, -4)),
              HasSubstr("node 'node': 'input' is int8 and 'output' is int16"));
}

TEST(Simulator, refuses_an_input_of_another_size_or_type) {
  const Simulator simulator(one_node(graph::Relu{}, kMap, Type::kInt8, -4, kMap, Type::kInt8, -4));
  EXPECT_THROW(simulator.run(std::vector<std::int8_t>(23)), Error);
  EXPECT_THROW(simulator.run(std::vector<std::int16_t>(24)), Error);
}

}  // namespace
}  // namespace mudra::sim
