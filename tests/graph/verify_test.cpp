#include "mudra/graph/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/pass.hpp"
#include "mudra/graph/shape_inference.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

TEST(Verify, accepts_a_whole_network) { verify(random_net({}), "a test"); }

struct Damage {
  const char* name;
  std::function<void(Graph&)> inflict;
  const char* message;
};

TensorIndex index_of(const Graph& graph, const char* name) { return *find_tensor(graph, name); }
Node& node_called(Graph& graph, const char* name) { return const_cast<Node&>(*find_node(graph, name)); }

const Damage kDamages[] = {
    {"same_tensor_name", [](Graph& g) { g.tensors[3].name = g.tensors[2].name; },
     "two tensors are called 'first.0'"},
    {"no_tensor_name", [](Graph& g) { g.tensors[3].name.clear(); }, "a tensor has no name"},
    {"same_node_name", [](Graph& g) { g.nodes[1].name = "first.0"; }, "two nodes are called 'first.0'"},
    {"size_zero",
     [](Graph& g) {
       g.tensor(g.input).shape = {1, 0, 16, 1};
     },
     "tensor 'input': shape [1, 0, 16, 1] has a size below 1"},
    {"size_huge",
     [](Graph& g) {
       g.tensor(g.input).shape = {1, 1 << 30, 1 << 30, 1 << 30};
     },
     "has more than"},
    {"rank",
     [](Graph& g) {
       g.tensor(g.input).shape = {1, 16, 16};
     },
     "tensor 'input' is NHWC but has 3 dimensions"},
    {"values_of_other_type", [](Graph& g) { g.tensor(index_of(g, "first.0.weight")).type = Type::kInt8; },
     "tensor 'first.0.weight' is int8 but its values are not"},
    {"too_few_values",
     [](Graph& g) { std::get<0>(*g.tensor(index_of(g, "first.1.bias")).values).pop_back(); },
     "tensor 'first.1.bias' has 7 values for shape [8]"},
    {"float_with_exponent", [](Graph& g) { g.tensor(g.input).exponent = -7; },
     "node 'first.0': 'input' is float and has an exponent"},
    {"integer_without_exponent", [](Graph& g) { g.tensor(g.input).type = Type::kInt8; },
     "node 'first.0': 'input' is int8 and has no exponent"},
    {"mixed_numbers",
     [](Graph& g) {
       g.tensor(g.input).type = Type::kInt8;
       g.tensor(g.input).exponent = -7;
     },
     "node 'first.0' mixes floats and integers: 'input' and 'first.0'"},
    {"order", [](Graph& g) { std::swap(g.nodes[0], g.nodes[1]); },
     "node 'first.1' reads 'first.0' before it is written"},
    {"written_twice", [](Graph& g) { g.nodes[2].output = g.nodes[1].output; },
     "node 'first.2' writes 'first.1', which is there already"},
    {"writes_a_constant", [](Graph& g) { g.nodes[0].output = index_of(g, "first.0.weight"); },
     "writes 'first.0.weight', which is there already"},
    {"no_such_tensor", [](Graph& g) { g.nodes[0].inputs[0] = 10000; }, "there is no tensor 10000"},
    {"negative_tensor", [](Graph& g) { g.output = -1; }, "there is no tensor -1"},
    {"output_never_written", [](Graph& g) { g.nodes.pop_back(); }, "the output 'output' is never written"},
    {"computed_weight",
     [](Graph& g) { node_called(g, "classifier.2").inputs[2] = index_of(g, "classifier.1"); },
     "node 'classifier.2'"},
    {"shape_disagrees",
     [](Graph& g) {
       g.tensor(index_of(g, "first.2")).shape = {1, 9, 9, 8};
     },
     "node 'first.2' gives NHWC [1, 8, 8, 8], but 'first.2' is NHWC [1, 9, 9, 8]"},
    {"class_names",
     [](Graph& g) {
       g.class_names = {"a", "b"};
     },
     "2 class names for 3 outputs"},
};

class VerifyRefuses : public ::testing::TestWithParam<Damage> {};

TEST_P(VerifyRefuses, and_says_why) {
  Graph graph = random_net({});
  GetParam().inflict(graph);
  const std::string error = refusal([&] { verify(graph, "a test"); });
  EXPECT_EQ(error, "after a test: " + refusal([&] { verify(graph); }));
  EXPECT_THAT(error, ::testing::HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(, VerifyRefuses, ::testing::ValuesIn(kDamages),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(Passes, are_verified_each_under_its_own_name) {
  const auto sound = [](Graph& graph) { graph.name = "changed"; };
  EXPECT_EQ(after_passes(random_net({}), {{"a sound one", sound}}).name, "changed");
  const auto broken = [](Graph& graph) { graph.class_names = {"a", "b"}; };
  EXPECT_THAT(refusal([&] {
                after_passes(random_net({}), {{"a sound one", sound}, {"a broken one", broken}});
              }),
              ::testing::StartsWith("after a broken one: "));
}

struct WrongNode {
  const char* name;
  Operation operation;
  std::vector<const char*> inputs;
  const char* message;
};

const WrongNode kWrongNodes[] = {
    {"conv_without_weight", Conv{}, {"map"}, "it takes 2 to 3 inputs, not 1"},
    {"kernel_of_another_size", Conv{}, {"map", "weight 3x3"}, "kernel is 1x1 but the weight's is 3x3"},
    {"kernel_too_large",
     Conv{{9, 9}},
     {"map", "weight 9x9"},
     "a kernel of 9 does not fit into 6 with 0 of padding"},
    {"stride_zero", Conv{{3, 3, 0, 1}}, {"map", "weight 3x3"}, "stride is 0x1"},
    {"padding_below_zero", Conv{{3, 3, 1, 1, -1}}, {"map", "weight 3x3"}, "padding of -1"},
    {"channels", Conv{{3, 3}}, {"wide map", "weight 3x3"}, "the weight takes 4 channels, the input has 5"},
    {"depthwise_multiplier",
     Conv{{3, 3}, true},
     {"map", "depthwise weight"},
     "a depthwise weight for 8 channels, the input has 4"},
    {"bias", Conv{{3, 3}}, {"map", "weight 3x3", "five"}, "'five' has 5 values for 2 channels"},
    {"conv_of_features",
     Conv{{3, 3}},
     {"features", "weight 3x3"},
     "input 'features' is NC [1, 4], not NHWC of 4 dimensions"},
    {"normalisation",
     BatchNormalization{},
     {"map", "five", "five", "five", "five"},
     "'five' has 5 values for 4 channels"},
    {"clip", Clip{1, 0}, {"map"}, "it clips to [1, 0]"},
    {"add", Add{}, {"map", "wide map"}, "it adds [1, 6, 7, 4] and [1, 6, 7, 5]"},
    {"mul", Mul{}, {"map", "wide map"}, "it multiplies [1, 6, 7, 4] by [1, 6, 7, 5]"},
    {"concat", Concat{}, {"map", "pixel"}, "it joins the channels of [1, 6, 7, 4] and [1, 1, 1, 4]"},
    {"concat_of_features", Concat{}, {"features"}, "input 'features' is NC [1, 4], not NHWC"},
    {"padding_alone", MaxPool{{2, 2, 1, 1, 2, 0, 0, 0}}, {"map"}, "a window would see padding alone"},
    {"pool_too_large", AveragePool{{7, 1}}, {"map"}, "a kernel of 7 does not fit into 6"},
    {"slopes", PRelu{}, {"map", "five"}, "'five' has 5 values for 4 channels"},
    {"table", Activation{}, {"map", "five"}, "'five' has 5 values for 256 channels"},
    {"flatten", Flatten{}, {"features"}, "input 'features' is NC [1, 4], not NHWC of 4 dimensions"},
    {"gemm", Gemm{}, {"features", "matrix"}, "the weight takes 5 features, the input has 4"},
    {"transpose", Transpose{{0, 1, 1, 2}}, {"map"}, "[0, 1, 1, 2] is no permutation of 4 axes"},
};

Graph tensors_for_wrong_nodes() {
  Graph graph;
  const auto add = [&](const char* name, Shape shape, Layout layout) {
    add_tensor(graph,
               {.name = name, .shape = std::move(shape), .layout = layout, .exponent = {}, .values = {}});
  };
  add("map", {1, 6, 7, 4}, Layout::kNhwc);
  add("wide map", {1, 6, 7, 5}, Layout::kNhwc);
  add("features", {1, 4}, Layout::kNc);
  add("weight 3x3", {2, 4, 3, 3}, Layout::kOihw);
  add("weight 9x9", {2, 4, 9, 9}, Layout::kOihw);
  add("pixel", {1, 1, 1, 4}, Layout::kNhwc);
  add("depthwise weight", {8, 1, 3, 3}, Layout::kOihw);
  add("matrix", {3, 5}, Layout::kOi);
  add("five", {5}, Layout::kVector);
  return graph;
}

class ShapesRefuse : public ::testing::TestWithParam<WrongNode> {};

TEST_P(ShapesRefuse, what_does_not_fit) {
  const Graph graph = tensors_for_wrong_nodes();
  Node node{.name = "n", .operation = GetParam().operation, .inputs = {}, .output = 0};
  for (const char* input : GetParam().inputs) node.inputs.push_back(index_of(graph, input));
  const std::string error = refusal([&] { output_form(graph, node); });
  EXPECT_THAT(error, ::testing::HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(, ShapesRefuse, ::testing::ValuesIn(kWrongNodes),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(Shapes, follow_the_window) {
  const Graph graph = tensors_for_wrong_nodes();
  const auto form = output_form(
      graph, {.name = "n", .operation = Conv{{3, 3, 2, 1, 1, 0, 0, 2}}, .inputs = {0, 3}, .output = 0});
  EXPECT_EQ(form, (TensorForm{{1, 3, 7, 2}, Layout::kNhwc}));  // (6 + 1 - 3) / 2 + 1, 7 + 2 - 3 + 1
}

}  // namespace
}  // namespace mudra::graph
