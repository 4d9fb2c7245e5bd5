#include "mudra/format/tflite_int8.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/format/tflite_arithmetic.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/refusal.hpp"

namespace mudra::format {
namespace {

using graph::Type;
using ::testing::ElementsAre;
using Integers = std::vector<std::int8_t>;

TEST(TfliteArithmetic, splits_factors_into_fraction_and_shift) {
  const auto parts = [](double factor) {
    const FixedFactor fixed = fixed_factor(factor);
    return std::pair(fixed.fraction, fixed.shift);
  };
  EXPECT_EQ(parts(0.5), std::pair(1 << 30, 0));
  EXPECT_EQ(parts(1.0), std::pair(1 << 30, 1));
  EXPECT_EQ(parts(0.75), std::pair(3 << 29, 0));
  EXPECT_EQ(parts(0.0), std::pair(0, 0));
  EXPECT_EQ(parts(1 - 1e-12), std::pair(1 << 30, 1));  // the fraction rounds up to 1
  EXPECT_EQ(parts(1e-30), std::pair(0, 0));
}

TEST(TfliteArithmetic, rounds_products_and_powers_to_the_nearest) {
  EXPECT_EQ(high_product(1 << 30, 3), 2);    // 1.5
  EXPECT_EQ(high_product(1 << 30, -3), -1);  // -1.5: halves upwards
  EXPECT_EQ(high_product(INT32_MIN, INT32_MIN), INT32_MAX);
  for (const Halves halves : {Halves::kAwayFromZero, Halves::kUpwards}) {
    EXPECT_EQ(divided_by_power(3, 1, halves), 2);
    EXPECT_EQ(divided_by_power(-3, 1, halves), halves == Halves::kUpwards ? -1 : -2);
    EXPECT_EQ(divided_by_power(-5, 2, halves), -1);
    EXPECT_EQ(divided_by_power(-7, 2, halves), -2);
    EXPECT_EQ(divided_by_power(7, 0, halves), 7);
    EXPECT_EQ(scaled(10, fixed_factor(0.25), halves), 3);  // 2.5
    EXPECT_EQ(scaled(10, fixed_factor(8), halves), 80);
  }
  EXPECT_EQ(scaled(INT32_MAX, fixed_factor(8), Halves::kUpwards), 1 << 30);  // saturates before the half
}

TfliteTensor activation(std::string name, std::vector<int> shape, float scale, std::int64_t zero_point) {
  return {.name = std::move(name),
          .shape = std::move(shape),
          .type = Type::kInt8,
          .quantization = {{scale}, {zero_point}, 0},
          .values = {}};
}

// One operator from tensor 0 to the last tensor.
Integers run_one(TfliteOperation operation, std::vector<TfliteTensor> tensors, std::vector<int> inputs,
                 const Integers& input) {
  TfliteModel model;
  model.tensors = std::move(tensors);
  model.output = static_cast<int>(model.tensors.size()) - 1;
  model.operators = {{operation, std::move(inputs), model.output}};
  verify(model, "making it");
  const TfliteInt8Runner runner(model);
  Integers output(runner.output_size());
  runner.run(input, output);
  return output;
}

TEST(TfliteInt8, refuses_images_of_absurd_size_before_taking_memory) {
  TfliteModel model;
  model.tensors = {activation("in", {1, 8000, 8000, 1}, 0.5f, 0),
                   activation("out", {1, 8000, 8000, 1}, 0.5f, 0)};
  model.operators = {{TfliteAdd{}, {0, 0}, 1}};
  model.output = 1;
  EXPECT_THAT(refusal([&] { TfliteInt8Runner runner(model); }),
              testing::HasSubstr("one image takes 128000000 bytes"));
}

TfliteTensor weights(std::vector<int> shape, std::vector<float> scales, Integers values, int axis) {
  const std::vector<std::int64_t> zeros(scales.size(), 0);
  return {.name = "weight",
          .shape = std::move(shape),
          .type = Type::kInt8,
          .quantization = {std::move(scales), zeros, axis},
          .values = std::move(values)};
}
TfliteTensor biases(const std::vector<std::int32_t>& values) {
  return {.name = "bias",
          .shape = {static_cast<int>(values.size())},
          .type = Type::kInt32,
          .quantization = {},
          .values = values};
}

TEST(TfliteInt8, convolves_with_a_scale_per_channel) {
  // Two pixels; (q + 10) * 0.5 in, weights 3 * 0.25 and -2 * 1, biases 4 and 1 of those products, out (q - 5)
  // * 0.25.
  const auto out =
      run_one(TfliteConv2d{},
              {activation("in", {1, 1, 2, 1}, 0.5f, -10), weights({2, 1, 1, 1}, {0.25f, 1.0f}, {3, -2}, 0),
               biases({4, 1}), activation("out", {1, 1, 2, 2}, 0.25f, 5)},
              {0, 1, 2}, {-8, 20});
  // ((2 * 3) + 4) * 0.125 / 0.25 = 5; ((2 * -2) + 1) * 0.5 / 0.25 = -6; (90 + 4) / 2 = 47; (-60 + 1) * 2 =
  // -118
  EXPECT_THAT(out, ElementsAre(5 + 5, -6 + 5, 47 + 5, -118 + 5));
}

TEST(TfliteInt8, clamps_to_the_activation) {
  const auto run = [](TfliteActivation activation_kind) {
    return run_one(TfliteConv2d{.sliding = {}, .activation = activation_kind},
                   {activation("in", {1, 1, 3, 1}, 1, 0), weights({1, 1, 1, 1}, {1}, {1}, 0), biases({0}),
                    activation("out", {1, 1, 3, 1}, 1, 10)},
                   {0, 1, 2}, {-100, 3, 100});
  };
  EXPECT_THAT(run(TfliteActivation::kNone), ElementsAre(-90, 13, 110));
  EXPECT_THAT(run(TfliteActivation::kRelu), ElementsAre(10, 13, 110));
  EXPECT_THAT(run(TfliteActivation::kRelu6), ElementsAre(10, 13, 16));
  EXPECT_THAT(run(TfliteActivation::kReluN1To1), ElementsAre(9, 11, 11));
}

TEST(TfliteInt8, pads_with_what_means_zero) {
  const auto padding = TfliteTensor{.name = "padding",
                                    .shape = {4, 2},
                                    .type = Type::kInt32,
                                    .quantization = {},
                                    .values = std::vector<std::int32_t>{0, 0, 1, 0, 0, 2, 0, 0}};
  const auto out = run_one(
      TflitePad{}, {activation("in", {1, 1, 2, 1}, 1, -7), padding, activation("out", {1, 2, 4, 1}, 1, -7)},
      {0, 1}, {1, 2});
  EXPECT_THAT(out, ElementsAre(-7, -7, -7, -7, 1, 2, -7, -7));
}

TEST(TfliteInt8, convolves_depthwise_with_padding_of_its_own) {
  const auto out = run_one(
      TfliteDepthwiseConv2d{.sliding = {TflitePadding::kSame, 1, 1}, .activation = {}},
      {activation("in", {1, 1, 3, 2}, 1, 1), weights({1, 1, 3, 2}, {1, 0.5f}, {1, 2, 10, 20, 3, 6}, 3),
       biases({0, 0}), activation("out", {1, 1, 3, 2}, 1, 0)},
      {0, 1, 2}, {2, 3, 3, 5, 4, 7});
  // Channel 0: values 1 2 3 and taps 1 10 3; channel 1: 2 4 6 and 2 20 6 halved.
  EXPECT_THAT(out, ElementsAre(16, 32, 30, 60, 32, 64));
}

TEST(TfliteInt8, adds_numbers_of_different_scales) {
  const auto out = run_one(
      TfliteAdd{}, {activation("in", {1, 1, 1, 4}, 0.5f, 2), activation("out", {1, 1, 1, 4}, 0.25f, -3)},
      {0, 0}, {2, 3, 12, -30});
  // Twice (q - 2) * 0.5, in quarters.
  EXPECT_THAT(out, ElementsAre(-3, 1, 37, -128));
}

TEST(TfliteInt8, averages_with_halves_away_from_zero) {
  const auto out = run_one(TfliteAveragePool2d{{{}, 1, 2}},
                           {activation("in", {1, 1, 2, 3}, 1, 5), activation("out", {1, 1, 1, 3}, 1, 5)}, {0},
                           {1, -1, 7, 2, -2, 7});
  EXPECT_THAT(out, ElementsAre(2, -2, 7));
}

// SAME: the window of the second column has one pixel of the map.
TEST(TfliteInt8, pools_what_a_window_sees_of_the_map) {
  const TfliteFilter filter{{TflitePadding::kSame, 1, 2}, 1, 2};
  const auto pooled = [&](const TfliteOperation& operation) {
    return run_one(operation, {activation("in", {1, 1, 3, 1}, 1, 5), activation("out", {1, 1, 2, 1}, 1, 5)},
                   {0}, {-7, -4, -9});
  };
  EXPECT_THAT(pooled(TfliteMaxPool2d{filter}), ElementsAre(-4, -9));
  EXPECT_THAT(pooled(TfliteAveragePool2d{filter}), ElementsAre(-6, -9));
}

TEST(TfliteInt8, comes_near_the_float_network_on_any_number_of_threads) {
  const graph::Graph graph = graph::tiny_net();
  const auto images = graph::random_values(7 * 36, 0, 1, 3);
  const TfliteModel model = quantized_tflite_of(graph, images);
  const TfliteInt8Runner runner(model);
  const float unit = model.tensor(model.output).quantization.scales[0];
  std::vector<float> first;
  for (const int threads : {1, 2, 4}) {
    set_threads(threads);
    std::vector<float> logits(14);
    runner.run(std::span<const float>(images), std::span<float>(logits));
    if (first.empty()) first = logits;
    EXPECT_EQ(logits, first);
  }
  set_threads(0);
  for (std::size_t i = 0; i < 7; ++i) {
    const auto expected =
        run_reference(graph, std::span(images).subspan(i * 36, 36))[static_cast<std::size_t>(graph.output)];
    for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(first[2 * i + c], expected[c], 4 * unit);
  }
}

TEST(TfliteInt8, the_mean_of_a_large_map_keeps_its_precision) {
  // Nearly all of a map is dark: its mean is a hundredth of its range.
  constexpr std::int64_t kSide = 24, kChannels = 4, kPixels = kSide * kSide;
  graph::Graph graph;
  graph.name = "means";
  graph.input = graph::add_tensor(graph, {.name = "input",
                                          .shape = {1, kSide, kSide, 1},
                                          .layout = graph::Layout::kNhwc,
                                          .type = Type::kFloat32,
                                          .exponent = {},
                                          .values = {}});
  const auto constant = [&](const char* name, graph::Shape shape, graph::Layout layout, std::uint64_t seed) {
    const auto values = graph::random_values(graph::element_count(shape), -1, 1, seed);
    return graph::add_constant(graph, name, std::move(shape), layout, values);
  };
  auto last =
      graph::add_node(graph, "conv", graph::Conv{},
                      {graph.input, constant("weight", {kChannels, 1, 1, 1}, graph::Layout::kOihw, 1)});
  last = graph::add_node(graph, "relu", graph::Relu{}, {last});
  last = graph::add_node(graph, "mean", graph::GlobalAveragePool{}, {last});
  last = graph::add_node(graph, "flat", graph::Flatten{}, {last});
  graph.output = graph::add_node(graph, "classes", graph::Gemm{},
                                 {last, constant("matrix", {2, kChannels}, graph::Layout::kOi, 2)});
  constexpr std::size_t kImages = 16;
  auto images = graph::random_values(kImages * kPixels, 0, 1, 3);
  for (std::size_t i = 0; i < images.size(); ++i)
    if (images[i] < 0.97f) images[i] = 0;

  const TfliteInt8Runner runner(quantized_tflite_of(graph, images));
  std::vector<float> found(2 * kImages);
  runner.run(std::span<const float>(images), std::span<float>(found));
  float largest = 0, error = 0;
  for (std::size_t i = 0; i < kImages; ++i) {
    const auto all = run_reference(graph, std::span(images).subspan(i * kPixels, kPixels));
    for (std::size_t c = 0; c < 2; ++c) {
      const float expected = all[static_cast<std::size_t>(graph.output)][c];
      largest = std::max(largest, std::abs(expected));
      error = std::max(error, std::abs(found[2 * i + c] - expected));
    }
  }
  EXPECT_LT(error, 0.03f * largest);
}

TEST(TfliteInt8, refuses_float_models_and_sums_that_may_overflow) {
  EXPECT_THROW(TfliteInt8Runner(tflite_of(graph::tiny_net())), Error);
  EXPECT_THROW(run_one(TfliteConv2d{},
                       {activation("in", {1, 1, 1, 1}, 1, 0), weights({1, 1, 1, 1}, {1}, {1}, 0),
                        biases({INT32_MAX}), activation("out", {1, 1, 1, 1}, 1, 0)},
                       {0, 1, 2}, {1}),
               Error);
}

}  // namespace
}  // namespace mudra::format
