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

TEST(LightGestureNet, refuses_sizes_that_are_out_of_range) {
  const auto error = [](const LightGestureNet& net) { return refusal([&] { light_gesture_net(net); }); };
  EXPECT_THAT(error({.first_channels = 12}), HasSubstr("multiple of 8"));
  EXPECT_THAT(error({.classes = 0}), HasSubstr("classes"));
  EXPECT_THAT(error({.expansion = 1}), HasSubstr("without expansion"));
  EXPECT_THAT(error({.blocks = {}}), HasSubstr("blocks"));
  EXPECT_THAT(error({.blocks = {{24, 3}}}), HasSubstr("stride 3"));
  EXPECT_THAT(error({.blocks = {{20, 1}}}), HasSubstr("multiple of 8"));
  EXPECT_THAT(error({.image_side = 2}), HasSubstr("on a side"));
  EXPECT_EQ(error({}), "");
}

// Computed by hand: of a 3x3 image a Conv of stride 2 gives 2x2 pixels; only its centre tap and the last
// layer's weights are not 0.
TEST(LightGestureNet, computes_what_a_hand_computes) {
  Graph graph = light_gesture_net(
      {.classes = 2, .first_channels = 8, .expansion = 2, .blocks = {{8, 1}}, .image_side = 3});
  const auto set = [&](const char* name, std::size_t at, float value) {
    float_values(graph, *find_tensor(graph, name))[at] = value;
  };
  set("first.0.weight", 4, 10);
  set("first.1.weight", 0, 3);
  set("first.1.bias", 0, 0.5f);
  set("first.1.running_mean", 0, 1);
  set("first.1.running_var", 0, 4 - 1e-5f);
  set("layers.0.conv.7.bias", 0, 0.25f);
  set("classifier.2.weight", 0, 2);
  set("classifier.2.weight", 8, -1);
  set("classifier.2.bias", 0, 0.25f);
  const Activations activations =
      run_reference(graph, std::vector<float>{0.1f, 9, 0.3f, 9, 9, 9, 0.2f, 9, 0.9f});
  // (10 x - 1) / 2 * 3 + 0.5 of 0.1, 0.3, 0.2, 0.9, held to 0...6: 0.5, 3.5, 2, 6; the mean is 3, the block
  // adds 0.25.
  EXPECT_THAT(activations[static_cast<std::size_t>(graph.output)],
              ::testing::Pointwise(::testing::FloatNear(1e-5f), {6.75f, -3.25f}));
}

TEST(LightGestureNet, has_the_keys_of_pytorch_in_its_order) {
  std::vector<std::string> names;
  const StateDict state = state_dict(light_gesture_net({}));
  for (const NamedTensor& tensor : state.tensors) names.push_back(tensor.name);
  ASSERT_EQ(names.size(), 13u * 6 + 2);
  EXPECT_THAT(
      std::vector(names.begin(), names.begin() + 7),
      ::testing::ElementsAre("first.0.weight", "first.1.weight", "first.1.bias", "first.1.running_mean",
                             "first.1.running_var", "first.1.num_batches_tracked", "layers.0.conv.0.weight"));
  EXPECT_EQ(names[12], "layers.0.conv.3.weight");
  EXPECT_EQ(names[19], "layers.0.conv.7.weight");
  EXPECT_EQ(names[77], "layers.3.conv.7.num_batches_tracked");
  EXPECT_EQ(names[78], "classifier.2.weight");
  EXPECT_EQ(names[79], "classifier.2.bias");
  EXPECT_THAT(find(state, "layers.2.conv.3.weight")->shape, ::testing::ElementsAre(144, 1, 3, 3));
  EXPECT_THAT(find(state, "first.1.num_batches_tracked")->shape, ::testing::IsEmpty());
}

TEST(LightGestureNet, is_told_by_its_weights_but_for_what_shapes_do_not_show) {
  EXPECT_EQ(light_gesture_net_of(state_dict(light_gesture_net({}))), LightGestureNet{});
  SmallNet small;
  small.architecture.image_side = 96;
  EXPECT_EQ(light_gesture_net_of(RandomStateDict(small).state), light_gesture_net_of(small));
}

TEST(LightGestureNet, of_another_networks_weights_is_refused_with_the_reason) {
  const StateDict good = RandomStateDict({}).state;
  using Tensors = std::vector<NamedTensor>;
  const auto error = [&](const auto& spoil) {
    StateDict state = good;
    spoil(state.tensors);
    return refusal([&] {
      Graph graph = light_gesture_net(light_gesture_net_of(state));
      put(graph, state);
    });
  };
  EXPECT_EQ(error([](Tensors&) {}), "");
  EXPECT_THAT(error([](Tensors& tensors) { tensors.clear(); }), HasSubstr("'first.0.weight' is missing"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors.pop_back(); }),
              HasSubstr("'classifier.2.bias' is missing"));
  EXPECT_THAT(error([](Tensors& tensors) {
                tensors.push_back({"extra", {}, std::vector<float>{1}});
              }),
              HasSubstr("'extra' is not part"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors[3].shape = {4}; }), HasSubstr("running_mean"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors[0].shape = {8, 3, 3, 3}; }), HasSubstr("first.0.weight"));
  EXPECT_THAT(error([](Tensors& tensors) { std::get<std::vector<float>>(tensors[4].values)[0] = -1; }),
              HasSubstr("first.1.running_var"));
  EXPECT_THAT(error([](Tensors& tensors) { tensors[5].values = std::vector<float>{1}; }),
              HasSubstr("num_batches_tracked"));
  EXPECT_THAT(error([](Tensors& tensors) {
                for (auto& tensor : tensors)
                  if (tensor.name == "layers.0.conv.0.weight") tensor.shape = {0, 8, 1, 1};
              }),
              HasSubstr("layers.0.conv.0.weight"));
}

TEST(LightGestureNet, comes_back_from_a_graph_with_other_names) {
  for (const ActivationKind activation : {ActivationKind::kRelu6, ActivationKind::kRelu}) {
    SmallNet small;
    small.architecture.activation = activation;
    const Graph graph = random_net(small);
    for (Graph from : {graph, fold_batch_normalization(graph)}) {
      for (Tensor& tensor : from.tensors) tensor.name = "t_" + tensor.name;
      for (Node& node : from.nodes) node.name = "n_" + node.name;
      const Graph back = as_light_gesture_net(from);
      EXPECT_EQ(light_gesture_net_of(back), light_gesture_net_of(small));
      EXPECT_NE(find_tensor(back, "layers.1.conv.7.num_batches_tracked"), std::nullopt);
      EXPECT_THAT(result_of(back), ::testing::Pointwise(::testing::FloatNear(2e-5f), result_of(graph)));
    }
  }
}

TEST(LightGestureNet, does_not_come_back_from_another_network) {
  Graph graph = random_net({});
  for (Node& node : graph.nodes)
    if (node.name == "layers.0.conv.5") node.operation = Clip{0, 5};
  EXPECT_EQ(refusal([&] { as_light_gesture_net(graph); }),
            "node 'layers.0.conv.5' (Clip) stands where LightGestureNet has another Clip");

  graph = random_net({});
  std::erase_if(graph.nodes, [](const Node& node) { return node.name == "layers.1.add"; });
  for (Node& node : graph.nodes)
    if (node.name == "classifier.0") node.inputs = {*find_tensor(graph, "layers.1.conv.7")};
  EXPECT_EQ(refusal([&] { as_light_gesture_net(graph); }),
            "node 'classifier.0' (GlobalAveragePool) stands where LightGestureNet has another Add");
  EXPECT_EQ(refusal([&] { as_light_gesture_net(tiny_net()); }), "it has none of LightGestureNet's blocks");
}

}  // namespace
}  // namespace mudra::graph
