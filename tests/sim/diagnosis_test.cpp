#include "mudra/sim/diagnosis.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "mudra/format/espdl.hpp"
#include "one_node.hpp"
#include "tests/shared_data.hpp"

namespace mudra::sim {
namespace {

using graph::Type;
using testing::ElementsAre;
using testing::IsEmpty;

// "GRAVITY: NODE: TEXT" of every finding.
std::vector<std::string> sentences(const graph::Graph& graph) {
  std::vector<std::string> lines;
  for (const Finding& finding : diagnose(graph))
    lines.push_back(fmt::format("{}: {}: {}", name_of(finding.gravity), finding.node, finding.text));
  return lines;
}

struct Layer {
  int channels = 16, inputs = 4;
  int weight = 1;  // all of them
  std::vector<std::int64_t> bias = std::vector<std::int64_t>(16, 0);
  int bias_exponent = -13, out_exponent = -5;
};

// A 1x1 convolution with input exponent -7 and weight exponent -6.
template <typename Integer>
graph::Graph layer(const Layer& l) {
  GraphBuilder builder;
  const Type type = kTypeOf<Integer>;
  builder.graph.input = builder.activation("input", {1, 2, 2, l.inputs}, type, -7);
  const auto weight = builder.constant(
      "w", {l.channels, l.inputs, 1, 1}, graph::Layout::kOihw, -6,
      std::vector<Integer>(static_cast<std::size_t>(l.channels * l.inputs), static_cast<Integer>(l.weight)));
  graph::Values bias = l.bias;
  if (sizeof(Integer) == 1) bias = std::vector<std::int32_t>(l.bias.begin(), l.bias.end());
  const auto offsets = builder.constant("b", {l.channels}, graph::Layout::kVector, l.bias_exponent, bias);
  const auto output = builder.activation("output", {1, 2, 2, l.channels}, type, l.out_exponent);
  builder.node("conv", graph::Conv{}, {builder.graph.input, weight, offsets}, output);
  return std::move(builder.graph);
}

TEST(Diagnosis, has_nothing_to_say_about_a_sound_layer) {
  EXPECT_THAT(sentences(layer<std::int8_t>({})), IsEmpty());
  EXPECT_THAT(sentences(layer<std::int16_t>({})), IsEmpty());
}

TEST(Diagnosis, tells_a_clipped_bias_from_one_that_wraps) {
  Layer l;
  l.bias[2] = (1 << 19) - 1;
  l.bias[3] = -(1 << 19);
  l.bias[7] = 1 << 19;
  l.weight = 0;
  EXPECT_THAT(
      sentences(layer<std::int8_t>(l)),
      ElementsAre("wrong: conv: 2 of 16 biases are at the limits of 20 bits (-524288 or 524287): they were "
                  "clipped when the file was made, and the network's own are lost",
                  "wrong: conv: 1 of 16 biases do not fit their 20-bit accumulators, which keep the low 20 "
                  "bits only"));
  // The last 8 of 24 channels have 40 bits.
  l.channels = 24;
  l.bias.assign(24, 0);
  l.bias[20] = 1 << 20;
  EXPECT_THAT(sentences(layer<std::int8_t>(l)), IsEmpty());
}

TEST(Diagnosis, finds_channels_that_could_saturate) {
  Layer l{.inputs = 64, .weight = -64};  // 64 * -64 * -128 = 2^19, one too many
  EXPECT_THAT(
      sentences(layer<std::int8_t>(l)),
      ElementsAre("risk: conv: all 16 channels could reach the limits of their 20-bit accumulators for some "
                  "input, and stay there"));
  l.weight = 64;  // -2^19 to 127 * 2^12: just fits
  EXPECT_THAT(sentences(layer<std::int8_t>(l)), IsEmpty());
  l.bias[5] = -1;
  EXPECT_THAT(
      sentences(layer<std::int8_t>(l)),
      ElementsAre("risk: conv: 1 of 16 channels could reach the limits of their 20-bit accumulators for some "
                  "input, and stay there"));
}

TEST(Diagnosis, refuses_shifts_and_exponents_the_kernels_do_not_have) {
  EXPECT_THAT(sentences(layer<std::int8_t>({.out_exponent = -14})),
              ElementsAre("broken: conv: its sums would be shifted left by 1; the chip's kernels cannot"));
  EXPECT_THAT(sentences(layer<std::int8_t>({.out_exponent = 19})),
              ElementsAre("broken: conv: its sums would be shifted right by 32, more than 31"));
  EXPECT_THAT(sentences(layer<std::int8_t>({.bias_exponent = -12})),
              ElementsAre("broken: conv: the bias has exponent -12, but its sums have -13"));
}

TEST(Diagnosis, knows_where_a_published_file_is_broken) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto models = shared_data("published/models");
  EXPECT_THAT(
      sentences(format::load_espdl(models / "gesture_model_mixed.espdl").graph),
      ElementsAre(
          "risk: /first/first.0/Conv: its 16-bit sums start from int32 biases, as ESP-DL took them in 2024; "
          "today's stops at them and wants int64",
          "wrong: /first/first.0/Conv: all 16 biases are at the limits of 20 bits (-524288 or 524287): they "
          "were clipped when the file was made, although 16-bit sums have 40 bits, and the network's own are "
          "lost"));
  for (const char* sound :
       {"gesture_model_int8.espdl", "gesture_model_balanced.espdl", "gesture_model_int8_2024-11-29.espdl"})
    EXPECT_THAT(sentences(format::load_espdl(models / sound).graph), IsEmpty()) << sound;
}

}  // namespace
}  // namespace mudra::sim
