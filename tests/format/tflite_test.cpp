#include "mudra/format/tflite.hpp"

#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/refusal.hpp"

namespace mudra::format {
namespace {

using graph::random_net;
using graph::random_values;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

TfliteModel quantized(const graph::Graph& graph) {
  const auto size = graph::element_count(graph.tensor(graph.input).shape);
  return quantized_tflite_of(graph, random_values(8 * size, 0, 1, 2));
}

std::vector<std::string> operator_names(const TfliteModel& model) {
  std::vector<std::string> names;
  for (const TfliteOperator& named : model.operators) names.push_back(name_of(named.operation));
  return names;
}

const TfliteTensor& tensor_called(const TfliteModel& model, std::string_view name) {
  return *std::ranges::find(model.tensors, name, &TfliteTensor::name);
}

TEST(Tflite, comes_back_from_its_bytes) {
  graph::Graph graph = random_net({});
  graph.class_names = {"fist", "\"quoted\"", "l, long"};
  graph.metadata = {{"preprocessing", "gray, 96x96"}, {"version", "1.2"}};
  for (const TfliteModel& model : {tflite_of(graph), quantized(graph), tflite_of(graph::tiny_net())}) {
    const auto bytes = write_tflite(model);
    EXPECT_EQ(read_tflite(bytes), model);
    EXPECT_EQ(write_tflite(model), bytes);
  }
}

TEST(Tflite, comes_back_as_the_same_network) {
  for (const graph::Graph& graph : {fold_batch_normalization(random_net({})), graph::tiny_net()}) {
    const graph::Graph back = graph_of(read_tflite(write_tflite(tflite_of(graph))));
    EXPECT_THAT(result_of(back), Pointwise(FloatNear(1e-6f), result_of(graph)));
    EXPECT_EQ(back.class_names, graph.class_names);
    EXPECT_EQ(back.metadata, graph.metadata);
  }
}

TEST(Tflite, takes_activations_in_and_pads_only_where_a_stride_needs_it) {
  EXPECT_THAT(operator_names(tflite_of(graph::tiny_net())),
              ElementsAre("PAD", "CONV_2D", "DEPTHWISE_CONV_2D", "ADD", "AVERAGE_POOL_2D", "RESHAPE",
                          "FULLY_CONNECTED"));
  const TfliteModel model = tflite_of(random_net({}));
  EXPECT_EQ(std::ranges::count(operator_names(model), "PAD"), 2);  // of two convolutions with stride 2
  EXPECT_EQ(std::get<TfliteConv2d>(model.operators[1].operation).activation, TfliteActivation::kRelu6);
}

TEST(Tflite, moves_weights_to_its_own_layout) {
  const TfliteModel model = tflite_of(graph::tiny_net());
  EXPECT_EQ(tensor_called(model, "first.weight").shape, (std::vector{2, 3, 3, 1}));
  EXPECT_EQ(tensor_called(model, "depthwise.weight").shape, (std::vector{1, 3, 3, 2}));
  const graph::Graph graph = graph::tiny_net();
  const auto& ours = graph::float_values(graph.tensor(*find_tensor(graph, "depthwise.weight")));
  const auto& theirs = std::get<std::vector<float>>(*tensor_called(model, "depthwise.weight").values);
  EXPECT_EQ(theirs[2 * 4 + 1], ours[9 * 1 + 4]);  // centre tap of channel 1
}

TEST(Tflite, refuses_what_has_no_counterpart) {
  graph::Graph graph = graph::tiny_net();
  for (graph::Node& node : graph.nodes)
    if (node.name == "clip") node.operation = graph::Clip{0, 5};
  EXPECT_EQ(refusal([&] { tflite_of(graph); }),
            "node 'clip' clips to [0, 5]; TensorFlow Lite has [0, 6], [-1, 1] and [0, inf]");
  graph = graph::tiny_net();
  for (graph::Node& node : graph.nodes)
    if (node.name == "add") node.inputs[1] = *find_tensor(graph, "depthwise");
  EXPECT_EQ(refusal([&] { tflite_of(graph); }),
            "node 'relu': Relu is supported only where it alone reads a Conv, Gemm or Add");
}

TEST(Tflite, quantizes_by_its_own_rules) {
  const TfliteModel model = quantized(graph::tiny_net());
  EXPECT_TRUE(model.is_int8());
  EXPECT_EQ(model.tensor(model.input).quantization, (TfliteQuantization{{1.0f / 255.0f}, {-128}, 0}));
  const TfliteTensor& depthwise = tensor_called(model, "depthwise.weight");
  EXPECT_EQ(depthwise.quantization.scales.size(), 2u);
  EXPECT_EQ(depthwise.quantization.axis, 3);
  const TfliteTensor& dense = tensor_called(model, "gemm.weight");
  EXPECT_EQ(dense.quantization.scales, (std::vector{2.0f / 127.0f}));
  EXPECT_THAT(std::get<std::vector<std::int8_t>>(*dense.values), ElementsAre(57, -76, 32, 127));
  // bias / (input scale * weight scale)
  const TfliteTensor& bias = tensor_called(model, "gemm.bias");
  const float scale = tensor_called(model, "flatten").quantization.scales[0] * (2.0f / 127.0f);
  EXPECT_EQ(std::get<std::vector<std::int32_t>>(*bias.values)[0],
            static_cast<std::int32_t>(std::round(0.5 / double{scale})));
  // What only moves values keeps their numbers; an average has its own.
  EXPECT_EQ(tensor_called(model, "flatten").quantization, tensor_called(model, "pool").quantization);
  EXPECT_NE(tensor_called(model, "pool").quantization, tensor_called(model, "add").quantization);
  EXPECT_EQ(tensor_called(model, "first.padded").quantization, model.tensor(model.input).quantization);
  // The range of a ReLU6 begins at 0: the lowest integer.
  EXPECT_THAT(tensor_called(model, "clip").quantization.zero_points, ElementsAre(-128));
}

TEST(Tflite, quantizes_only_finite_weights_and_whole_images) {
  graph::Graph graph = graph::tiny_net();
  EXPECT_EQ(refusal([&] { quantized_tflite_of(graph, std::vector<float>(37)); }),
            "no whole number of calibration images");
  EXPECT_EQ(refusal([&] { quantized_tflite_of(graph, {}); }), "no whole number of calibration images");
  std::get<0>(*graph.tensor(*find_tensor(graph, "gemm.bias")).values)[0] = INFINITY;
  EXPECT_THAT(refusal([&] { quantized(graph); }), HasSubstr("inf"));
}

struct Damage {
  const char* name;
  std::function<void(TfliteModel&)> inflict;
  const char* message;
};

TfliteTensor& change(TfliteModel& model, std::string_view name) {
  return const_cast<TfliteTensor&>(tensor_called(model, name));
}

const Damage kDamages[] = {
    {"no_such_tensor", [](TfliteModel& m) { m.operators[0].inputs[0] = 99; },
     "operator 0 (PAD): there is no tensor 99"},
    {"no_input", [](TfliteModel& m) { m.operators[3].inputs.clear(); }, "operator 3 (ADD): it has no input"},
    {"order", [](TfliteModel& m) { std::swap(m.operators[1], m.operators[2]); }, "before it is written"},
    {"written_twice", [](TfliteModel& m) { m.operators[2].output = m.operators[1].output; },
     "which is there already"},
    {"constant_input", [](TfliteModel& m) { m.input = m.operators[1].inputs[1]; }, "the input is a constant"},
    {"no_output", [](TfliteModel& m) { m.operators.pop_back(); }, "the output is never written"},
    {"values", [](TfliteModel& m) { std::get<1>(*change(m, "gemm.weight").values).pop_back(); },
     "its 3 values do not fit"},
    {"scale_of_zero", [](TfliteModel& m) { change(m, "add").quantization.scales = {0}; }, "a scale of 0"},
    {"scale_not_a_number", [](TfliteModel& m) { change(m, "add").quantization.scales = {NAN}; },
     "a scale of nan"},
    {"no_scale", [](TfliteModel& m) { change(m, "add").quantization = {}; },
     "'add' needs one scale and one zero point"},
    {"zero_point", [](TfliteModel& m) { change(m, "add").quantization.zero_points = {200}; },
     "'add' needs one scale"},
    {"too_few_scales",
     [](TfliteModel& m) {
       change(m, "first.weight").quantization = {{1}, {0}, 0};
     },
     "'first.weight' has 1 scales along axis 0, not 2"},
    {"weight_zero_point", [](TfliteModel& m) { change(m, "gemm.weight").quantization.zero_points = {3}; },
     "has a zero point of 3, not 0"},
    {"shape",
     [](TfliteModel& m) {
       change(m, "clip").shape = {1, 4, 3, 2};
     },
     "it gives [1, 3, 3, 2], but 'clip' is [1, 4, 3, 2]"},
    {"huge",
     [](TfliteModel& m) {
       change(m, "clip").shape = {1, 1 << 30, 1 << 30, 2};
     },
     "tensor 'clip': shape"},
    {"stride", [](TfliteModel& m) { std::get<TfliteConv2d>(m.operators[1].operation).sliding.stride_h = 0; },
     "a stride of 0"},
    {"padding", [](TfliteModel& m) { std::get<3>(*change(m, "first.padding").values)[2] = -1; },
     "it pads axis 1 by -1 and 1"},
    {"type", [](TfliteModel& m) { change(m, "clip").type = graph::Type::kFloat32; },
     "'clip' is float32; the network's input is int8"},
    {"other_numbers_behind_pool", [](TfliteModel& m) { change(m, "pool").quantization.scales = {1}; },
     "its input and output are quantized differently"},
    {"window",
     [](TfliteModel& m) {
       m.operators[1].operation = TfliteMaxPool2d{{{TflitePadding::kSame, 1, 1}, 1 << 30, 1}};
       m.operators[1].inputs.resize(1);
     },
     "a window of 1073741824x1"},
    {"class_names", [](TfliteModel& m) { m.class_names.pop_back(); }, "1 class names for 2 outputs"},
};

class TfliteVerifyRefuses : public ::testing::TestWithParam<Damage> {};

TEST_P(TfliteVerifyRefuses, and_says_why) {
  TfliteModel model = quantized(graph::tiny_net());
  GetParam().inflict(model);
  EXPECT_THAT(refusal([&] { verify(model, "a test"); }),
              ::testing::AllOf(::testing::StartsWith("after a test: "), HasSubstr(GetParam().message)));
  EXPECT_EQ("after a test: " + refusal([&] { verify(model); }), refusal([&] { verify(model, "a test"); }));
}
INSTANTIATE_TEST_SUITE_P(, TfliteVerifyRefuses, ::testing::ValuesIn(kDamages),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(Tflite, refuses_bytes_that_are_no_tflite_file) {
  EXPECT_EQ(refusal([] { read_tflite({}); }), "not a TensorFlow Lite file");
  EXPECT_EQ(refusal([] { read_tflite(std::vector<std::uint8_t>(100)); }), "not a TensorFlow Lite file");
  auto bytes = write_tflite(tflite_of(graph::tiny_net()));
  bytes.resize(bytes.size() / 2);
  EXPECT_EQ(refusal([&] { read_tflite(bytes); }), "a damaged TensorFlow Lite file");
}

// The file with operator code `from` replaced: fields 0 (a byte) and 3 (int32) of its OperatorCode.
std::vector<std::uint8_t> with_code(std::vector<std::uint8_t> bytes, int from, int to) {
  constexpr flatbuffers::voffset_t kCodes = 6, kByte = 4, kCode = 10;
  using Tables = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;
  auto* model = flatbuffers::GetMutableRoot<flatbuffers::Table>(bytes.data());
  const auto* codes = model->GetPointer<Tables*>(kCodes);
  for (flatbuffers::uoffset_t i = 0; i < codes->size(); ++i) {
    auto* code = const_cast<flatbuffers::Table*>(codes->Get(i));
    if (std::max<int>(code->GetField<std::int8_t>(kByte, 0), code->GetField<std::int32_t>(kCode, 0)) != from)
      continue;
    code->SetField<std::int8_t>(kByte, static_cast<std::int8_t>(to), 0);
    code->SetField<std::int32_t>(kCode, to, 0);
  }
  return bytes;
}

TEST(Tflite, names_the_operators_it_does_not_know_with_their_counts) {
  constexpr int kConv2d = 3, kMul = 18, kFullyConnected = 9, kTanh = 28, kUnheardOf = 126;
  const auto bytes = write_tflite(tflite_of(graph::tiny_net()));
  const auto error_of = [](const std::vector<std::uint8_t>& file) {
    return refusal([&] { read_tflite(file); });
  };
  EXPECT_THAT(error_of(with_code(with_code(bytes, kConv2d, kMul), kFullyConnected, kTanh)),
              HasSubstr("operations that are not supported: MUL (1), TANH (1); supported are CONV_2D"));
  EXPECT_THAT(error_of(with_code(bytes, kConv2d, kUnheardOf)), HasSubstr("not supported: code 126 (1)"));
}

TEST(Tflite, leaves_a_softmax_at_the_end_out) {
  constexpr int kAveragePool2d = 1, kSoftmax = 25;
  graph::Graph graph = graph::tiny_net();
  graph.class_names.clear();
  graph.output = *find_tensor(graph, "pool");
  const TfliteModel model =
      read_tflite(with_code(write_tflite(tflite_of(without_unused(graph))), kAveragePool2d, kSoftmax));
  EXPECT_EQ(model.tensor(model.output).name, "add");
  EXPECT_EQ(model.notes,
            std::vector<std::string>{"SOFTMAX at the end is left out: the scores are those before it"});
}

}  // namespace
}  // namespace mudra::format
