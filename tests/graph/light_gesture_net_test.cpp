#include "mudra/graph/light_gesture_net.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

using ::testing::HasSubstr;

TEST(LightGestureNet, has_the_articles_structure) {
  const Graph graph = random_net(full_size());
  EXPECT_EQ(graph.tensor(*find_tensor(graph, "first.2")).shape, (Shape{1, 48, 48, 16}));
  EXPECT_EQ(graph.tensor(*find_tensor(graph, "layers.0.conv.2")).shape, (Shape{1, 48, 48, 96}));
  EXPECT_EQ(graph.tensor(*find_tensor(graph, "layers.3.add")).shape, (Shape{1, 12, 12, 32}));
  EXPECT_EQ(graph.tensor(graph.output).shape, (Shape{1, 8}));
  EXPECT_EQ(find_node(graph, "layers.0.add"), nullptr);
  EXPECT_EQ(std::get<Clip>(find_node(graph, "layers.1.conv.5")->operation), (Clip{0, 6}));
}

// Computed by hand: one pixel left of a 2x2 image, so that a 3x3 Conv of stride 2 sees it at its centre.
TEST(LightGestureNet, computes_what_a_hand_computes) {
  StateDict state;
  const auto add = [&](std::string name, Shape shape, std::vector<float> values) {
    state.tensors.push_back({std::move(name), std::move(shape), std::move(values)});
  };
  add("first.0.weight", {1, 1, 3, 3}, {9, 9, 9, 9, 2, 3, 9, 4, 5});
  add("first.1.weight", {1}, {3});
  add("first.1.bias", {1}, {0.5f});
  add("first.1.running_mean", {1}, {1});
  add("first.1.running_var", {1}, {4 - 1e-5f});
  add("classifier.2.weight", {2, 1}, {2, -1});
  add("classifier.2.bias", {2}, {0.25f, 0});
  const Graph graph = light_gesture_net(state, {.block_strides = {}, .image_side = 2});
  const Activations activations = run_reference(graph, std::vector<float>{0.1f, 0.2f, 0.3f, 0.4f});
  // 2*0.1 + 3*0.2 + 4*0.3 + 5*0.4 = 4; (4 - 1) / 2 * 3 + 0.5 = 5
  EXPECT_THAT(activations[static_cast<std::size_t>(graph.output)],
              ::testing::Pointwise(::testing::FloatNear(1e-5f), {10.25f, -5.0f}));
}

TEST(LightGestureNet, says_which_array_is_missing_or_misshapen) {
  SmallNet net;
  StateDict state = RandomStateDict(net).state;
  std::erase_if(state.tensors, [](const NamedTensor& t) { return t.name == "layers.1.conv.4.running_mean"; });
  EXPECT_EQ(refusal([&] { light_gesture_net(state, net.architecture); }),
            "'layers.1.conv.4.running_mean' is missing");
  state = RandomStateDict(net).state;
  net.architecture.block_strides = {2};
  EXPECT_EQ(refusal([&] { light_gesture_net(state, net.architecture); }),
            "there are weights of more than 1 blocks");
  net.architecture.block_strides = {2, 1, 1};
  EXPECT_THAT(refusal([&] { light_gesture_net(state, net.architecture); }),
              HasSubstr("'layers.2.conv.0.weight' is missing"));
}

TEST(LightGestureNet, comes_back_from_its_graph) {
  for (const ActivationKind activation : {ActivationKind::kRelu6, ActivationKind::kRelu}) {
    SmallNet small;
    small.architecture.activation = activation;
    const Graph graph = random_net(small);
    for (const Graph& from : {graph, fold_batch_normalization(graph)}) {
      const LightGestureNet net = light_gesture_net_of(from);
      EXPECT_EQ(net.architecture, small.architecture);
      const Graph back = light_gesture_net(net.state, net.architecture);
      EXPECT_EQ(back.nodes, graph.nodes);
      EXPECT_THAT(result_of(back), ::testing::Pointwise(::testing::FloatNear(2e-5f), result_of(graph)));
    }
  }
}

TEST(LightGestureNet, has_the_keys_of_pytorch_in_its_order_when_it_comes_back) {
  const StateDict state = RandomStateDict({}).state;
  std::vector<std::string> expected, names;
  for (const NamedTensor& tensor : state.tensors) expected.push_back(tensor.name);
  for (const NamedTensor& tensor : light_gesture_net_of(random_net({})).state.tensors)
    names.push_back(tensor.name);
  EXPECT_EQ(names, expected);
}

TEST(LightGestureNet, does_not_come_back_from_another_network) {
  Graph graph = random_net({});
  for (Node& node : graph.nodes)
    if (node.name == "layers.0.conv.5") node.operation = Clip{0, 5};
  EXPECT_EQ(refusal([&] { light_gesture_net_of(graph); }),
            "node 'layers.0.conv.5' clips to other bounds than ReLU6");

  graph = random_net({});
  std::erase_if(graph.nodes, [](const Node& node) { return node.name == "layers.1.add"; });
  for (Node& node : graph.nodes)
    if (node.name == "classifier.0") node.inputs = {*find_tensor(graph, "layers.1.conv.7")};
  EXPECT_EQ(refusal([&] { light_gesture_net_of(graph); }),
            "block 'layers.1.conv' lacks a shortcut, against LightGestureNet's rule");
}

}  // namespace
}  // namespace mudra::graph
