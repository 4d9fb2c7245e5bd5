#include "mudra/graph/fold_batch_normalization.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/layers.hpp"
#include "mudra/graph/pixel_values.hpp"
#include "mudra/graph/reference_run.hpp"
#include "mudra/graph/verify.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

bool has_normalisation(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) {
    return std::holds_alternative<BatchNormalization>(node.operation);
  });
}

void expect_same_function(const Graph& graph) {
  const Graph folded = fold_batch_normalization(graph);
  EXPECT_FALSE(has_normalisation(folded));
  EXPECT_THAT(result_of(folded), ::testing::Pointwise(::testing::FloatNear(2e-5f), result_of(graph)));
}

// A 4x4 map of two channels, a 1x1 Conv, and what the test adds.
struct Beginning {
  Graph graph;
  TensorIndex conv;

  Beginning() {
    graph.input = add_tensor(graph, {.name = "input", .shape = {1, 4, 4, 2}, .exponent = {}, .values = {}});
    const TensorIndex weight =
        add_constant(graph, "conv.weight", {2, 2, 1, 1}, Layout::kOihw, {0.5f, -1.0f, 2.0f, 0.25f});
    conv = add_node(graph, "conv", Conv{}, {graph.input, weight});
  }
  TensorIndex normalise(const std::string& name, TensorIndex in) {
    std::vector<TensorIndex> inputs{in};
    for (const auto& [part, values] :
         std::vector<std::pair<std::string, std::vector<float>>>{{".scale", {2.0f, -1.0f}},
                                                                 {".shift", {0.5f, 0.25f}},
                                                                 {".mean", {0.1f, -0.2f}},
                                                                 {".variance", {4.0f, 0.25f}}})
      inputs.push_back(add_constant(graph, name + part, {2}, Layout::kVector, values));
    return add_node(graph, name, BatchNormalization{0}, std::move(inputs));
  }
  const Graph& finish(TensorIndex output) {
    graph.output = output;
    verify(graph, "making it");
    return graph;
  }
};

TEST(FoldBatchNormalization, keeps_the_function_of_a_whole_network) { expect_same_function(random_net({})); }

TEST(FoldBatchNormalization, scales_weights_and_makes_a_bias) {
  Beginning net;
  net.finish(net.normalise("norm", net.conv));
  const Graph folded = fold_batch_normalization(net.graph);
  ASSERT_EQ(folded.nodes.size(), 1u);
  // scale / sqrt(variance): 1 and -2; shift - mean * that: 0.4 and -0.15
  EXPECT_THAT(float_values(folded.tensor(*find_tensor(folded, "conv.weight"))),
              ::testing::Pointwise(::testing::FloatEq(), {0.5f, -1.0f, -4.0f, -0.5f}));
  EXPECT_THAT(float_values(folded.tensor(*find_tensor(folded, "conv.bias"))),
              ::testing::Pointwise(::testing::FloatEq(), {0.4f, -0.15f}));
}

TEST(FoldBatchNormalization, leaves_no_unused_tensor_and_keeps_names) {
  const Graph folded = fold_batch_normalization(random_net({}));
  for (std::size_t i = 0; i < folded.tensors.size(); ++i)
    EXPECT_TRUE(reader_count(folded, static_cast<TensorIndex>(i)) > 0) << folded.tensors[i].name;
  EXPECT_TRUE(find_tensor(folded, "layers.1.conv.3"));
  EXPECT_TRUE(find_tensor(folded, "layers.1.conv.3.bias"));
  EXPECT_FALSE(find_tensor(folded, "layers.1.conv.4.running_mean"));
  EXPECT_EQ(folded.tensor(folded.output).name, "output");
}

TEST(FoldBatchNormalization, leaves_a_convolution_alone_that_others_read) {
  Beginning net;
  const TensorIndex norm = net.normalise("norm", net.conv);
  net.finish(add_node(net.graph, "add", Add{}, {norm, net.conv}));
  expect_same_function(net.graph);
  EXPECT_NE(find_node(fold_batch_normalization(net.graph), "norm"), nullptr);
}

TEST(FoldBatchNormalization, folds_two_in_a_row_and_one_behind_an_addition) {
  Beginning net;
  const TensorIndex twice = net.normalise("second", net.normalise("first", net.conv));
  const TensorIndex sum = add_node(net.graph, "add", Add{}, {twice, net.graph.input});
  expect_same_function(net.finish(net.normalise("third", sum)));
}

TEST(FoldBatchNormalization, does_not_change_a_weight_that_two_convolutions_share) {
  Beginning net;
  const TensorIndex other =
      add_node(net.graph, "other", Conv{}, {net.graph.input, *find_tensor(net.graph, "conv.weight")});
  const TensorIndex norm = net.normalise("norm", net.conv);
  expect_same_function(net.finish(add_node(net.graph, "add", Add{}, {norm, other})));
}

TEST(FoldBatchNormalization, refuses_a_negative_variance) {
  Beginning net;
  net.finish(net.normalise("norm", net.conv));
  std::get<0>(*net.graph.tensor(*find_tensor(net.graph, "norm.variance")).values)[1] = -1;
  EXPECT_EQ(refusal([&] { fold_batch_normalization(net.graph); }),
            "node 'norm': the variance of channel 1 is -1");
}

// What a network makes of pixels: by its own statement of how they become numbers.
std::vector<float> result_of_pixels(const Graph& graph) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(element_count(graph.tensor(graph.input).shape)));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(37 * i % 256);
  const auto values = PixelValues(normalization_of(graph)).of(pixels);
  return run_reference(graph, values)[static_cast<std::size_t>(graph.output)];
}

Graph with_random_constants(Graph graph, const std::string& normalization) {
  std::uint64_t seed = 0;
  for (Tensor& tensor : graph.tensors)
    if (tensor.is_constant()) tensor.values = random_values(element_count(tensor.shape), -0.5f, 0.5f, ++seed);
  graph.metadata["normalization"] = normalization;
  graph.metadata["version"] = "1";
  return graph;
}

void expect_folded(const Graph& graph) {
  const Graph folded = fold_pixel_normalization(graph);
  EXPECT_EQ(folded.metadata, (std::map<std::string, std::string>{{"version", "1"}}));
  EXPECT_THAT(result_of_pixels(folded),
              ::testing::Pointwise(::testing::FloatNear(2e-4f), result_of_pixels(graph)));
}

constexpr const char* kImagenet = "0.485,0.456,0.406/0.229,0.224,0.225";
constexpr Window kUnpadded{.kernel_h = 3, .kernel_w = 3};

TEST(FoldPixelNormalization, goes_into_convolutions_without_padding) {
  Layers layers("net", {10, 12, 3});
  const TensorIndex picture = layers.at();
  layers.conv("conv", 5, kUnpadded);
  layers.conv("padded", 4, 3);
  const TensorIndex one = layers.at();
  layers.go_to(picture);
  layers.depthwise("depthwise", kUnpadded);
  layers.concat("both", {one, layers.at()});
  layers.flatten("flatten");
  layers.gemm("scores", 3);
  expect_folded(with_random_constants(layers.finish(), kImagenet));
}

TEST(FoldPixelNormalization, gives_a_convolution_without_a_bias_one) {
  Layers layers("net", {9, 9, 1});
  layers.conv("conv", 4, kUnpadded);
  Graph graph = with_random_constants(layers.finish(), "0.5/0.25");
  graph.nodes[0].inputs.resize(2);
  graph = without_unused(graph);
  expect_folded(graph);
  EXPECT_EQ(fold_pixel_normalization(graph).nodes[0].inputs.size(), 3u);
}

TEST(FoldPixelNormalization, goes_into_a_gemm_of_the_picture) {
  Layers layers("net", {8, 9, 3});
  layers.add("flatten", Flatten{});
  layers.gemm("scores", 4);
  expect_folded(with_random_constants(layers.finish(), kImagenet));
  Layers moved("net", {8, 9, 3});
  moved.flatten("flatten");
  moved.gemm("scores", 4);
  const Graph graph = moved.finish();
  expect_folded(with_random_constants(graph, "0.5/0.25"));
  const Graph by_channel = with_random_constants(graph, kImagenet);
  EXPECT_EQ(fold_pixel_normalization(by_channel), by_channel);
}

TEST(FoldPixelNormalization, leaves_other_networks_as_they_are) {
  const auto expect_left = [](Layers& layers) {
    const Graph graph = with_random_constants(layers.finish(), "0.5/0.25");
    EXPECT_EQ(fold_pixel_normalization(graph), graph);
  };
  Layers padded("net", {9, 9, 1});
  padded.conv("conv", 4, 3);
  expect_left(padded);
  Layers beside("net", {9, 9, 1});  // one reader can, the other cannot
  const TensorIndex picture = beside.at();
  beside.conv("conv", 1, Window{});
  beside.add_shortcut("add", picture);
  expect_left(beside);
  Layers pooled("net", {8, 8, 1});
  pooled.add("pool", MaxPool{{.kernel_h = 2, .kernel_w = 2, .stride_h = 2, .stride_w = 2}});
  pooled.conv("conv", 4, kUnpadded);
  expect_left(pooled);
  Layers plain("net", {9, 9, 1});
  plain.conv("conv", 4, kUnpadded);
  const Graph graph = plain.finish();
  EXPECT_EQ(fold_pixel_normalization(graph), graph);
}

}  // namespace
}  // namespace mudra::graph
