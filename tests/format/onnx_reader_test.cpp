#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <numeric>
#include <tuple>

#include "mudra/base/error.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/light_gesture_net.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/format/onnx_files.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string onnx_error(const std::vector<std::uint8_t>& bytes) {
  return refusal([&] { read_onnx(bytes); });
}

// The output for an input of 0, 1, 2, ... in NHWC.
std::vector<float> output_of(const graph::Graph& graph) {
  std::vector<float> input(static_cast<std::size_t>(graph::element_count(graph.tensor(graph.input).shape)));
  std::iota(input.begin(), input.end(), 0.0f);
  return run_reference(graph, input)[static_cast<std::size_t>(graph.output)];
}
std::vector<float> output_of(const OnnxText& text) { return output_of(read_onnx(text.bytes())); }

// The means of channels (0, 2, 4, ...) and (1, 3, 5, ...) over 24 pixels.
constexpr float kMeans[] = {23, 24};

TEST(OnnxReader, reads_every_way_to_average_a_map) {
  const char* const pools[] = {
      "node { op_type: 'GlobalAveragePool' input: 'x' output: 'p' }",
      "node { op_type: 'AveragePool' input: 'x' output: 'p' attribute { name: 'kernel_shape' type: INTS "
      "ints: [4, 6] } }",
      "node { op_type: 'ReduceMean' input: 'x' output: 'p' attribute { name: 'axes' type: INTS ints: [2, 3] "
      "} }",
      "node { op_type: 'ReduceMean' input: 'x' output: 'p' attribute { name: 'axes' type: INTS ints: [-1, "
      "-2] } "
      "attribute { name: 'keepdims' type: INT i: 0 } }",
  };
  for (const char* pool : pools)
    EXPECT_THAT(
        output_of(OnnxText(13, 2, std::string(pool) + "node { op_type: 'Flatten' input: 'p' output: 'y' }")),
        ElementsAre(kMeans[0], kMeans[1]))
        << pool;
  const std::string since_18 = "node { op_type: 'ReduceMean' input: ['x', 'axes'] output: 'y' }";
  EXPECT_THAT(output_of(OnnxText(18, 2, since_18).integers("axes", {2}, {2, 3})),
              ElementsAre(kMeans[0], kMeans[1]));
}

TEST(OnnxReader, reads_every_way_to_flatten) {
  const std::string pool = "node { op_type: 'GlobalAveragePool' input: 'x' output: 'p' }";
  const std::string reshape = "node { op_type: 'Reshape' input: ['p', 's'] output: 'y' }";
  for (const std::vector<int>& shape : {std::vector{-1, 2}, {1, -1}, {0, -1}, {0, 2}})
    EXPECT_THAT(output_of(OnnxText(13, 2, pool + reshape).integers("s", {2}, shape)), ElementsAre(23, 24));
  // x.view(x.size(0), -1), as PyTorch exports it
  const std::string computed =
      "node { op_type: 'Shape' input: 'p' output: 'all' }"
      "node { op_type: 'Gather' input: ['all', 'zero'] output: 'n' }"
      "node { op_type: 'Unsqueeze' input: ['n', 'axes'] output: 'n1' }"
      "node { op_type: 'Concat' input: ['n1', 'rest'] output: 's' }";
  EXPECT_THAT(output_of(OnnxText(13, 2, pool + computed + reshape)
                            .integers("zero", {}, {0})
                            .integers("axes", {1}, {0})
                            .integers("rest", {1}, {-1})),
              ElementsAre(23, 24));
}

TEST(OnnxReader, reads_every_way_to_multiply_features) {
  const std::string pool =
      "node { op_type: 'GlobalAveragePool' input: 'x' output: 'p' } node { op_type: 'Flatten' input: 'p' "
      "output: 'f' }";
  const std::string gemm = "node { op_type: 'Gemm' input: ['f', 'w', 'b'] output: 'y' ";
  const std::vector<float> rows = {1, 0, 2, 1, 0, -1}, columns = {1, 2, 0, 0, 1, -1};  // [3, 2] and [2, 3]
  const auto expected = ElementsAre(24, 71, -23);
  EXPECT_THAT(output_of(OnnxText(13, 2, pool + gemm + "attribute { name: 'transB' type: INT i: 1 } }")
                            .floats("w", {3, 2}, rows)
                            .floats("b", {3}, {1, 1, 1})),
              expected);
  EXPECT_THAT(output_of(OnnxText(13, 2,
                                 pool + gemm +
                                     "attribute { name: 'alpha' type: FLOAT f: 0.5 } attribute { name: "
                                     "'beta' type: FLOAT f: 2 } }")
                            .floats("w", {2, 3}, {2, 4, 0, 0, 2, -2})
                            .floats("b", {1, 3}, {0.5f, 0.5f, 0.5f})),
              expected);
  EXPECT_THAT(output_of(OnnxText(13, 2,
                                 pool + "node { op_type: 'MatMul' input: ['f', 'w'] output: 'm' }"
                                        "node { op_type: 'Add' input: ['b', 'm'] output: 'y' }")
                            .floats("w", {2, 3}, columns)
                            .floats("b", {3}, {1, 1, 1})),
              expected);
}

// An alias of a product is read behind the sum that gives the product a bias: it stays without one.
TEST(OnnxReader, leaves_a_product_as_it_is_for_its_other_readers) {
  for (const char* product : {"m", "alias"}) {
    const std::string nodes = fmt::format(
        "node {{ op_type: 'GlobalAveragePool' input: 'x' output: 'p' }}"
        "node {{ op_type: 'Flatten' input: 'p' output: 'f' }}"
        "node {{ op_type: 'MatMul' input: ['f', 'w'] output: 'm' }}"
        "node {{ op_type: 'Identity' input: 'm' output: 'alias' }}"
        "node {{ op_type: 'Add' input: ['{}', 'b'] output: 'biased' }}"
        "node {{ op_type: 'Add' input: ['biased', 'm'] output: 'y' }}",
        product);
    EXPECT_THAT(
        output_of(OnnxText(13, 2, nodes).floats("w", {2, 2}, {1, 0, 0, 1}).floats("b", {2}, {100, 100})),
        ElementsAre(100 + 2 * kMeans[0], 100 + 2 * kMeans[1]));
  }
}

TEST(OnnxReader, reads_bounds_as_attributes_and_as_inputs) {
  const auto bounds = [](const graph::Graph& graph) {
    return std::get<graph::Clip>(graph.nodes[0].operation);
  };
  const std::string before_11 =
      "node { op_type: 'Clip' input: 'x' output: 'y' attribute { name: 'min' type: FLOAT f: 0.5 } attribute "
      "{ name: "
      "'max' type: FLOAT f: 6 } }";
  EXPECT_EQ(bounds(read_onnx(OnnxText(7, 1, before_11).bytes())), (graph::Clip{0.5f, 6}));
  const std::string since_11 =
      "node { op_type: 'Constant' output: 'c' attribute { name: 'value' type: TENSOR t { data_type: 1 "
      "float_data: 0.5 } } }"
      "node { op_type: 'Identity' input: 'c' output: 'low' }"
      "node { op_type: 'Clip' input: ['x', 'low', 'high'] output: 'y' }";
  EXPECT_EQ(bounds(read_onnx(OnnxText(11, 1, since_11).floats("high", {}, {6}).bytes())),
            (graph::Clip{0.5f, 6}));
  const std::string none = "node { op_type: 'Clip' input: ['x', '', 'high'] output: 'y' }";
  EXPECT_EQ(bounds(read_onnx(OnnxText(13, 1, none).floats("high", {}, {6}).bytes())),
            (graph::Clip{std::numeric_limits<float>::lowest(), 6}));
}

TEST(OnnxReader, reads_windows_groups_and_padding_rules) {
  const auto conv_of = [](const std::string& attributes, int channels, const std::vector<int>& weight) {
    const std::string node =
        "node { name: 'c' op_type: 'Conv' input: ['x', 'w'] output: 'y' " + attributes + "}";
    OnnxText text(13, channels, node);
    const int count = std::accumulate(weight.begin(), weight.end(), 1, std::multiplies<>());
    text.floats("w", weight, std::vector<float>(static_cast<std::size_t>(count), 1.0f));
    return std::get<graph::Conv>(read_onnx(text.bytes()).nodes[0].operation);
  };
  EXPECT_EQ(conv_of("attribute { name: 'pads' type: INTS ints: [1, 2, 3, 4] } attribute { name: 'strides' "
                    "type: INTS ints: [2, 1] }",
                    1, {5, 1, 3, 2}),
            (graph::Conv{{3, 2, 2, 1, 1, 2, 3, 4}, false, false}));
  EXPECT_EQ(conv_of("attribute { name: 'group' type: INT i: 3 }", 3, {3, 1, 1, 1}),
            (graph::Conv{{1, 1}, true, false}));
  const std::string strides =
      "attribute { name: 'strides' type: INTS ints: [2, 2] } attribute { name: 'auto_pad' type: STRING s: ";
  EXPECT_EQ(conv_of(strides + "'SAME_UPPER' }", 1, {1, 1, 3, 3}),
            (graph::Conv{{3, 3, 2, 2, 0, 0, 1, 1}, false, false}));
  EXPECT_EQ(conv_of(strides + "'SAME_LOWER' }", 1, {1, 1, 3, 3}),
            (graph::Conv{{3, 3, 2, 2, 1, 1, 0, 0}, false, false}));
}

struct Wrong {
  const char* name;
  const char* nodes;
  const char* message;
};
const Wrong kWrong[] = {
    {"operations",
     "node { op_type: 'Erf' input: 'x' output: 'a' } node { op_type: 'Resize' input: 'a' output: 'b' }"
     "node { op_type: 'Erf' input: 'b' output: 'y' }",
     "operations that are not supported: Erf (2), Resize (1); supported are Conv, BatchNormalization, "
     "Clip"},
    {"domain", "node { name: 'n' op_type: 'Conv' domain: 'com.example' input: 'x' output: 'y' }",
     "operations that are not supported: com.example.Conv (1); supported are"},
    {"unnamed", "node { op_type: 'Relu' output: 'y' }", "node 'Relu_0' (Relu): input 0 is missing"},
    {"each_once",
     "node { name: 'a' op_type: 'Transpose' input: 'x' output: 'z' } node { name: 'b' op_type: 'Relu' input: "
     "'z' output: 'y' } node { name: 'c' op_type: 'Div' input: ['x', 'x'] output: 'v' }",
     "2 nodes are not supported: node 'a' (Transpose): perm []; only channels, rows and columns of a map can "
     "change places; node 'c' (Div): its divisor is computed"},
    {"softmax_inside",
     "node { name: 's' op_type: 'Softmax' input: 'x' output: 'z' attribute { name: 'axis' type: INT i: 1 } }"
     "node { name: 'n' op_type: 'Relu' input: 'z' output: 'y' }",
     "node 'n' (Relu): it reads Softmax 's', which is supported at the end of a network only"},
    {"dropout_in_training", "node { name: 'n' op_type: 'Dropout' input: ['x', '', 't'] output: 'y' }",
     "it is in training mode"},
    {"squeeze_one", "node { name: 'n' op_type: 'Squeeze' input: ['x', 't'] output: 'y' }",
     "axes [1]; only rows and columns"},
    {"missing_input", "node { name: 'n' op_type: 'Relu' output: 'y' }",
     "node 'n' (Relu): input 0 is missing"},
    {"unknown_value", "node { name: 'n' op_type: 'Relu' input: 'z' output: 'y' }",
     "node 'n' (Relu): 'z' is not computed before"},
    {"constant_for_activation", "node { name: 'n' op_type: 'Relu' input: 'w' output: 'y' }",
     "node 'n' (Relu): 'w' is a constant"},
    {"no_output", "node { name: 'n' op_type: 'Relu' input: 'x' }", "node 'n' (Relu): it has no output"},
    {"nobody_makes_y", "node { name: 'n' op_type: 'Relu' input: 'x' output: 'z' }",
     "no node computes the output 'y'"},
    {"twice",
     "node { op_type: 'Relu' input: 'x' output: 'y' } node { name: 'n' op_type: 'Relu' input: 'x' output: "
     "'y' }",
     "node 'n' (Relu): 'y' is there twice"},
    {"dilations",
     "node { name: 'n' op_type: 'Conv' input: ['x', 'w'] output: 'y' attribute { name: 'dilations' type: "
     "INTS ints: [2, 2] } }",
     "dilations [2, 2]; only 1 is supported"},
    {"group",
     "node { name: 'n' op_type: 'Conv' input: ['x', 'w'] output: 'y' attribute { name: 'group' type: INT i: "
     "2 } }",
     "group is 2"},
    {"negative_pad",
     "node { name: 'n' op_type: 'Conv' input: ['x', 'w'] output: 'y' attribute { name: 'pads' type: INTS "
     "ints: [-1, 0, 0, 0] } }",
     "padding of -1"},
    {"huge_stride",
     "node { name: 'n' op_type: 'Conv' input: ['x', 'w'] output: 'y' attribute { name: 'strides' type: INTS "
     "ints: [9999999999, 1] } }",
     "stride of 9999999999"},
    {"attribute_type",
     "node { name: 'n' op_type: 'Conv' input: ['x', 'w'] output: 'y' attribute { name: 'group' type: FLOAT "
     "f: 1 } }",
     "attribute 'group' is of another type"},
    {"computed_weight",
     "node { op_type: 'Relu' input: 'x' output: 'z' } node { name: 'n' op_type: 'Conv' input: ['x', 'z'] "
     "output: 'y' }",
     "'z' is no constant"},
    {"pool_without_kernel", "node { name: 'n' op_type: 'MaxPool' input: 'x' output: 'y' }",
     "it does not say its kernel_shape"},
    {"places_of_the_largest",
     "node { name: 'n' op_type: 'MaxPool' input: 'x' output: ['y', 'i'] attribute { name: 'kernel_shape' "
     "type: INTS ints: [2, 2] } }",
     "the places of the largest values are not supported"},
    {"mean_beyond_the_map",
     "node { name: 'n' op_type: 'AveragePool' input: 'x' output: 'y' attribute { name: 'kernel_shape' type: "
     "INTS ints: [3, 3] } attribute { name: 'strides' type: INTS ints: [2, 2] } attribute { name: "
     "'ceil_mode' type: INT i: 1 } }",
     "ceil_mode = 1 makes windows that reach beyond the map"},
    {"padded_with_others", "node { name: 'n' op_type: 'Pad' input: ['x', 'p', 'one'] output: 'y' }",
     "it pads with 1"},
    {"padded_channels", "node { name: 'n' op_type: 'Pad' input: ['x', 'c'] output: 'y' }",
     "only rows and columns can be padded"},
    {"read_behind_a_pad",
     "node { op_type: 'Pad' input: ['x', 'p'] output: 'z' } node { name: 'n' op_type: 'Relu' input: 'z' "
     "output: 'y' }",
     "'z' comes from a Pad; only a Conv or an AveragePool can read that"},
    {"ends_in_a_pad", "node { op_type: 'Pad' input: ['x', 'p'] output: 'y' }", "it ends in a Pad"},
    {"joined_rows",
     "node { name: 'n' op_type: 'Concat' input: ['x', 'x'] output: 'y' attribute { name: 'axis' type: INT "
     "i: 2 } }",
     "axis 2; only the channels (1) of maps can be joined"},
    {"subtracted_activations", "node { name: 'n' op_type: 'Sub' input: ['x', 'x'] output: 'y' }",
     "only a constant can be subtracted"},
    {"factor_for_each_column", "node { name: 'n' op_type: 'Mul' input: ['x', 'six'] output: 'y' }",
     "a constant of shape [6] for 1 channels"},
    {"axes",
     "node { name: 'n' op_type: 'ReduceMean' input: 'x' output: 'y' attribute { name: 'axes' type: INTS "
     "ints: [1] } }",
     "axes [1]"},
    {"training",
     "node { name: 'n' op_type: 'BatchNormalization' input: ['x', 'w', 'w', 'w', 'w'] output: 'y' attribute "
     "{ name: 'training_mode' type: INT i: 1 } }",
     "it is in training mode"},
};

class OnnxReaderRefuses : public ::testing::TestWithParam<Wrong> {};

TEST_P(OnnxReaderRefuses, and_names_the_node) {
  OnnxText text(13, 1, GetParam().nodes);
  text.floats("w", {1, 1, 1, 1}, {1}).floats("one", {}, {1}).floats("six", {6}, {1, 2, 3, 4, 5, 6});
  text.integers("t", {1}, {1}).integers("p", {8}, {0, 0, 1, 1, 0, 0, 1, 1});
  text.integers("c", {8}, {0, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_THAT(onnx_error(text.bytes()), HasSubstr(GetParam().message));
}
INSTANTIATE_TEST_SUITE_P(, OnnxReaderRefuses, ::testing::ValuesIn(kWrong),
                         [](const auto& parameter) { return parameter.param.name; });

const char kRelu[] = "node { op_type: 'Relu' input: 'x' output: 'y' }";

TEST(OnnxReader, refuses_other_opsets_inputs_and_constants) {
  EXPECT_EQ(onnx_error(OnnxText(6, 1, kRelu).bytes()), "opset 6; supported are 7 and later");
  EXPECT_EQ(onnx_error({'n', 'o', 't', ' ', 'i', 't'}), "not an ONNX file");
  EXPECT_EQ(onnx_error({}), "not an ONNX file");
  OnnxText two(13, 1, kRelu);
  *two.graph().add_input() = two.graph().input(0);
  two.graph().mutable_input(1)->set_name("z");
  EXPECT_EQ(onnx_error(two.bytes()), "2 inputs; one is supported");
  EXPECT_EQ(onnx_error(OnnxText(13, 1, kRelu).floats("w", {2, 3}, {1}).bytes()),
            "constant 'w' has 1 values instead of 6");
  EXPECT_THAT(onnx_error(OnnxText(13, 1, kRelu).floats("w", {1 << 30, 1 << 30}, {}).bytes()),
              HasSubstr("has more than"));
  EXPECT_EQ(onnx_error(OnnxText(13, 1, kRelu).floats("w", {-1}, {}).bytes()),
            "constant 'w' has a negative size");
  OnnxText outside(13, 1, kRelu);
  outside.floats("w", {1}, {1})
      .graph()
      .mutable_initializer(0)
      ->set_data_location(onnx::TensorProto::EXTERNAL);
  EXPECT_EQ(onnx_error(outside.bytes()), "constant 'w' is kept in another file, which is not at hand");
}

const char kPooled[] =
    "node { op_type: 'GlobalAveragePool' input: 'x' output: 'p' }"
    "node { op_type: 'Flatten' input: 'p' output: 'f' }";

TEST(OnnxReader, reads_newer_files_with_a_note_when_their_opset_is_unknown) {
  Notes notes;
  read_onnx(OnnxText(kNewestOnnxOpset, 1, kRelu).bytes(), &notes);
  EXPECT_THAT(notes, ElementsAre());
  read_onnx(OnnxText(kNewestOnnxOpset + 1, 1, kRelu).bytes(), &notes);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("opset 26 is newer than 25")));
}

TEST(OnnxReader, leaves_the_end_out_that_changes_no_class) {
  const std::string softmax =
      std::string(kPooled) + "node { name: 's' op_type: 'Softmax' input: 'f' output: ";
  Notes notes;
  EXPECT_THAT(output_of(read_onnx(OnnxText(13, 2, softmax + "'y' }").bytes(), &notes)),
              ElementsAre(kMeans[0], kMeans[1]));
  EXPECT_THAT(notes, ElementsAre("Softmax 's' at the end is left out: the scores are those before it"));
  const std::string both =
      softmax +
      "'z' } node { op_type: 'Identity' input: 'z' output: 'i' } node { name: 'a' op_type: 'ArgMax' "
      "input: 'i' output: 'y' attribute { name: 'axis' type: INT i: -1 } }";
  EXPECT_THAT(output_of(read_onnx(OnnxText(13, 2, both).bytes(), &notes)), ElementsAre(kMeans[0], kMeans[1]));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("Softmax 's' and ArgMax 'a' at the end")));
  std::string chain = kPooled;
  for (int i = 0; i < 200; ++i)
    chain += fmt::format("node {{ op_type: 'Softmax' input: '{}' output: '{}' }}",
                         i == 0 ? "f" : std::to_string(i), i == 199 ? "y" : std::to_string(i + 1));
  EXPECT_THAT(onnx_error(OnnxText(13, 2, chain).bytes()), HasSubstr("too many nodes at the end"));
}

TEST(OnnxReader, reads_what_does_nothing_outside_of_training) {
  EXPECT_THAT(output_of(OnnxText(13, 2,
                                 std::string(kPooled) +
                                     "node { op_type: 'Dropout' input: ['f', 'r'] output: ['y', 'mask'] }")
                            .floats("r", {}, {0.5f})),
              ElementsAre(kMeans[0], kMeans[1]));
}

TEST(OnnxReader, reads_a_squeeze_of_rows_and_columns) {
  const std::string pool = "node { op_type: 'GlobalAveragePool' input: 'x' output: 'p' }";
  EXPECT_THAT(output_of(OnnxText(13, 2, pool + "node { op_type: 'Squeeze' input: ['p', 'a'] output: 'y' }")
                            .integers("a", {2}, {-1, 2})),
              ElementsAre(kMeans[0], kMeans[1]));
  EXPECT_THAT(output_of(OnnxText(11, 2,
                                 pool + "node { op_type: 'Squeeze' input: 'p' output: 'y' attribute { "
                                        "name: 'axes' type: INTS ints: [2, 3] } }")),
              ElementsAre(kMeans[0], kMeans[1]));
}

// The text's input [n, 3, 4, 6] is 3 rows of 4 pixels of 6 channels here.
// PyTorch's newer exporter asks for parts of a shape; CNTK's reshapes the weights of its products.
TEST(OnnxReader, reads_parts_of_shapes_and_reshaped_constants) {
  const std::string batch =
      "node { op_type: 'Shape' input: 'x' output: 'b' attribute { name: 'start' type: INT i: 0 } attribute { "
      "name: 'end' type: INT i: 1 } } node { op_type: 'Concat' input: ['b', 's'] output: 't' attribute { "
      "name: 'axis' type: INT i: 0 } } node { op_type: 'Reshape' input: ['x', 't'] output: 'f' }";
  const std::string product =
      "node { op_type: 'Reshape' input: ['w', 'm'] output: 'v' } node { op_type: 'MatMul' input: ['f', 'v'] "
      "output: 'y' }";
  std::vector<float> weights(24, 0);
  weights[5] = 2;
  const auto text = [&](const std::vector<int>& matrix) {
    return OnnxText(15, 1, batch + product)
        .floats("w", {4, 6, 1}, weights)
        .integers("s", {1}, {-1})
        .integers("m", {2}, matrix);
  };
  EXPECT_THAT(output_of(text({24, 1})), ElementsAre(10));
  EXPECT_THAT(output_of(text({-1, 1})), ElementsAre(10));
  EXPECT_THAT(onnx_error(text({-1, -1}).bytes()), HasSubstr("24 values to"));
  EXPECT_THAT(onnx_error(text({7, -1}).bytes()), HasSubstr("24 values to [7, 3]"));
  EXPECT_THAT(onnx_error(text({-2, 1}).bytes()), HasSubstr("to [-2, 1]"));
  EXPECT_THAT(onnx_error(text({24, std::numeric_limits<int>::max()}).bytes()),
              HasSubstr("to [24, 2147483647]"));
}

TEST(OnnxReader, reads_the_transpose_in_front_of_a_network_of_nhwc_pictures) {
  const std::string nodes =
      "node { op_type: 'Transpose' input: 'x' output: 't' attribute { name: 'perm' type: INTS ints: [0, 3, "
      "1, "
      "2] } } node { op_type: 'Relu' input: 't' output: 'y' }";
  const graph::Graph graph = read_onnx(OnnxText(13, 3, nodes).bytes());
  EXPECT_EQ(graph.tensor(graph.input).shape, (graph::Shape{1, 3, 4, 6}));
  EXPECT_EQ(output_of(graph)[5], 5);
}

// Of pictures that some read as they are, the Transpose is one like any other.
TEST(OnnxReader, keeps_a_transpose_of_what_is_read_otherwise_too) {
  const auto transposed = [](const char* perm) {
    return OnnxText(13, 3,
                    "node { op_type: 'Transpose' input: 'x' output: 't' attribute { name: 'perm' type: INTS "
                    "ints: [" +
                        std::string(perm) +
                        "] } } node { op_type: 'Flatten' input: 't' output: 'y' } node { op_type: 'Relu' "
                        "input: 'x' output: 'z' }");
  };
  // The input counts 0, 1, ... channel by channel, then pixel by pixel, then row by row.
  const auto channels_last = output_of(transposed("0, 2, 3, 1"));
  EXPECT_THAT(std::vector(channels_last.begin(), channels_last.begin() + 3), ElementsAre(0, 1, 2));
  const auto rows_last = output_of(transposed("0, 1, 3, 2"));
  EXPECT_THAT(std::vector(rows_last.begin(), rows_last.begin() + 5), ElementsAre(0, 18, 36, 54, 3));
}

TEST(OnnxReader, reads_the_reshape_in_front_of_a_network_of_nhwc_gray_pictures) {
  OnnxText text(13, 3,
                "node { op_type: 'Reshape' input: ['x', 's'] output: 't' } node { op_type: 'Relu' input: 't' "
                "output: 'y' }");
  text.integers("s", {4}, {-1, 1, 3, 4});
  onnx::TypeProto& type = *text.graph().mutable_input(0)->mutable_type();
  type.mutable_tensor_type()->mutable_shape()->mutable_dim(3)->set_dim_value(1);
  const graph::Graph graph = read_onnx(text.bytes());
  EXPECT_EQ(graph.tensor(graph.input).shape, (graph::Shape{1, 3, 4, 1}));
}

// A network of one constant, which lies in `location` at `offset` with `length` bytes.
std::vector<std::uint8_t> kept_outside(const char* location, const char* offset, const char* length) {
  OnnxText text(13, 2, std::string(kPooled) + "node { op_type: 'MatMul' input: ['f', 'w'] output: 'y' }");
  onnx::TensorProto& weight = *text.floats("w", {2, 1}, {}).graph().mutable_initializer(0);
  weight.set_data_location(onnx::TensorProto::EXTERNAL);
  const std::pair<const char*, const char*> entries[] = {
      {"location", location}, {"offset", offset}, {"length", length}};
  for (const auto& [key, value] : entries) {
    if (value == nullptr) continue;
    onnx::StringStringEntryProto& entry = *weight.add_external_data();
    entry.set_key(key);
    entry.set_value(value);
  }
  return text.bytes();
}

TEST(OnnxReader, reads_constants_kept_beside_the_file) {
  const data::TemporaryFolder folder;
  const std::vector<float> values{9, 1, 100};
  write_text(folder / "w.data", std::string(reinterpret_cast<const char*>(values.data()), 12));
  const auto load = [&](const std::vector<std::uint8_t>& bytes) {
    write_file(folder / "net.onnx", bytes);
    return load_onnx(folder / "net.onnx");
  };
  EXPECT_THAT(output_of(load(kept_outside("w.data", "4", "8"))), ElementsAre(kMeans[0] + 100 * kMeans[1]));
  EXPECT_THAT(output_of(load(kept_outside("w.data", "4", nullptr))),
              ElementsAre(kMeans[0] + 100 * kMeans[1]));
  std::filesystem::create_symlink("w.data", folder / "link");
  std::filesystem::create_directory(folder / "folder");
  const std::tuple<const char*, const char*, const char*, const char*> wrong[] = {
      {"../w.data", "0", "8", "no plain name"},
      {"folder/w.data", "0", "8", "no plain name"},
      {"/etc/passwd", "0", "8", "no plain name"},
      {"..", "0", "8", "no plain name"},
      {nullptr, "0", "8", "no plain name"},
      {"link", "0", "8", "no regular file"},
      {"folder", "0", "8", "no regular file"},
      {"nowhere", "0", "8", "no regular file"},
      {"w.data", "8", "8", "'w.data' has 12 bytes, but it lies behind them"},
      {"w.data", "13", nullptr, "but it lies behind them"},
      {"w.data", "4", "18446744073709551615", "but it lies behind them"},
      {"w.data", "-4", "8", "its place '-4' is no number"},
      {"w.data", "0", "4", "constant 'w' has 4 bytes for 2 values"}};
  for (const auto& [location, offset, length, message] : wrong) {
    const auto bytes = kept_outside(location, offset, length);
    EXPECT_THAT(refusal([&] { load(bytes); }), HasSubstr(message));
  }
}

TEST(OnnxReader, makes_no_more_of_a_constant_than_memory_allows) {
  std::string nodes;
  for (int i = 0; i < 100; ++i)
    nodes += "node { op_type: 'Identity' input: 'w' output: 'w" + std::to_string(i) + "' }";
  OnnxText text(13, 1, nodes + kRelu);
  text.floats("w", {1 << 20}, std::vector<float>(1 << 20));
  EXPECT_THAT(onnx_error(text.bytes()), HasSubstr("constants of more than 67108864 values together"));
}

TEST(OnnxReader, reads_class_names_and_other_metadata) {
  OnnxText text(13, 3, "node { op_type: 'GlobalAveragePool' input: 'x' output: 'y' }");
  const auto add = [&](const char* key, const char* value) {
    onnx::StringStringEntryProto& entry = *text.model().add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  };
  add("classes", R"(["palm", "l, or so", "ok"])");
  add("author", "somebody");
  const graph::Graph graph = read_onnx(text.bytes());
  EXPECT_THAT(graph.class_names, ElementsAre("palm", "l, or so", "ok"));
  EXPECT_EQ(graph.metadata, (std::map<std::string, std::string>{{"author", "somebody"}}));
}

TEST(OnnxReader, takes_class_names_it_does_not_understand_for_other_metadata) {
  OnnxText text(13, 3, "node { op_type: 'GlobalAveragePool' input: 'x' output: 'y' }");
  onnx::StringStringEntryProto& entry = *text.model().add_metadata_props();
  entry.set_key("classes");
  entry.set_value("palm;l;ok");
  const graph::Graph graph = read_onnx(text.bytes());
  EXPECT_TRUE(graph.class_names.empty());
  EXPECT_EQ(graph.metadata.at("classes"), "palm;l;ok");
}

// The published network and the quantizer's inputs.
class SharedOnnx : public ::testing::TestWithParam<const char*> {};

TEST_P(SharedOnnx, is_a_light_gesture_net) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const graph::Graph graph = load_onnx(shared_data(GetParam()));
  EXPECT_EQ(graph.tensor(graph.input).shape, (graph::Shape{1, 96, 96, 1}));
  EXPECT_EQ(graph.tensor(graph.output).name, "output");
  EXPECT_NE(find_node(graph, "/layers/layers.1/conv/conv.3/Conv"), nullptr);
  graph::LightGestureNet article;
  if (std::string(GetParam()).find("relu.onnx") != std::string::npos)
    article.activation = graph::ActivationKind::kRelu;
  EXPECT_EQ(light_gesture_net_of(as_light_gesture_net(graph)), article);
}
INSTANTIATE_TEST_SUITE_P(, SharedOnnx,
                         ::testing::Values("published/models/gesture_model.onnx",
                                           "reference-quantizer/relu6.onnx", "reference-quantizer/relu.onnx"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
                               '_');
                           return name;
                         });

}  // namespace
}  // namespace mudra::format
