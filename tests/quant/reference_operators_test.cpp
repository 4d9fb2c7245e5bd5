// The reference quantizer's files of small networks with one operation or another: they are computed to the
// bit, and the same networks with the same calibration lose no more in ours.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>

#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/format/onnx.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/quant/calibrate.hpp"
#include "mudra/quant/integer_graph.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/observe.hpp"
#include "mudra/quant/rounding.hpp"
#include "mudra/sim/simulator.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::quant {
namespace {

namespace fs = std::filesystem;

fs::path operators() { return shared_folder("reference-operators"); }

// A float32 array [n, channels, rows, columns] as [n, rows, columns, channels], if `tensor` is such a map.
std::vector<float> npy_values(const fs::path& path, const graph::Tensor& tensor) {
  const std::vector<std::uint8_t> bytes = read_file(path);
  const std::size_t header = 10 + bytes.at(8) + 256u * bytes.at(9);
  std::vector<float> stored((bytes.size() - header) / sizeof(float)), values(stored.size());
  std::memcpy(stored.data(), bytes.data() + header, stored.size() * sizeof(float));
  if (tensor.layout != graph::Layout::kNhwc) return stored;
  const auto channels = static_cast<std::size_t>(tensor.shape[3]),
             pixels = static_cast<std::size_t>(tensor.shape[1] * tensor.shape[2]);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const std::size_t picture = i / (channels * pixels), c = i / pixels % channels, pixel = i % pixels;
    values[(picture * pixels + pixel) * channels + c] = stored[i];
  }
  return values;
}

// Mean noise of the integer network's outputs over pictures.
double noise_of(const graph::Graph& integer, const std::vector<float>& inputs,
                const std::vector<float>& expected, std::size_t pictures) {
  const sim::Simulator simulator(integer);
  const graph::Tensor &input = integer.tensor(integer.input), &output = integer.tensor(integer.output);
  std::vector<float> found;
  for (std::size_t i = 0; i < pictures; ++i) {
    const std::size_t size = inputs.size() / pictures;
    const std::vector<float> picture(inputs.begin() + static_cast<std::ptrdiff_t>(i * size),
                                     inputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
    const auto activations =
        simulator.run(input.type == graph::Type::kInt8
                          ? graph::Values(nearest_integers<std::int8_t>(picture, *input.exponent))
                          : graph::Values(nearest_integers<std::int16_t>(picture, *input.exponent)));
    std::visit(
        [&](const auto& integers) {
          for (const auto value : integers)
            found.push_back(std::ldexp(static_cast<float>(value), *output.exponent));
        },
        activations[static_cast<std::size_t>(integer.output)]);
  }
  return compare(expected, found, expected.size() / pictures).noise;
}

// What neither we nor, for some, the chip's runtime can do.
bool is_expected(const std::string& name, const std::string& refusal) {
  const std::set<std::string> kinds{
      "Pad",      "InsertZeros", "dilations", "Erf",      "LogSoftmax",     "Softmax",
      "MatMul",   "ReduceMean",  "Resize",    "Slice",    "Split",          "Sub",
      "laid out", "groups of",   "ceil_mode", "group is", "only to [batch", "nothing is said"};
  return std::ranges::any_of(
             kinds, [&](const std::string& kind) { return refusal.find(kind) != std::string::npos; }) &&
         !name.empty();
}

// PyTorch's exporter wrote the networks, PyTorch computed the outputs.
TEST(ReferenceOperators, are_read_from_onnx_as_the_functions_that_pytorch_computed) {
  if (operators().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int read = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(operators())) {
    if (entry.path().extension() != ".onnx") continue;
    const std::string name = entry.path().stem().string();
    SCOPED_TRACE(name);
    graph::Graph network;
    const std::string why =
        refusal([&] { network = fold_batch_normalization(format::load_onnx(entry.path())); });
    if (!why.empty()) {
      EXPECT_TRUE(is_expected(name, why)) << why;
      continue;
    }
    if (name.find("softmax") != std::string::npos) continue;  // which is left out
    const graph::Tensor &input = network.tensor(network.input), &output = network.tensor(network.output);
    const auto size = static_cast<std::size_t>(graph::element_count(input.shape));
    const auto inputs = npy_values(operators() / (name + "_test.npy"), input);
    EXPECT_THAT(float_outputs(network, {{}, size, inputs}),
                testing::Pointwise(testing::FloatNear(1e-4f),
                                   npy_values(operators() / (name + "_float.npy"), output)));
    ++read;
  }
  EXPECT_GE(read, 60);
}

TEST(ReferenceOperators, are_computed_to_the_bit_in_8_bits_and_within_the_last_ones_in_16) {
  if (operators().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int narrow = 0, wide = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(operators())) {
    if (entry.path().extension() != ".espdl") continue;
    const std::string name = entry.path().stem().string();
    SCOPED_TRACE(name);
    format::EspdlFile file;
    const std::string why = refusal([&] { file = format::load_espdl(entry.path()); });
    if (!why.empty()) {
      EXPECT_TRUE(is_expected(name, why)) << why;
      continue;
    }
    ASSERT_EQ(file.tests.size(), 1u);
    const auto given =
        sim::Simulator(file.graph).run(file.tests[0].input)[static_cast<std::size_t>(file.graph.output)];
    const graph::Type type = file.graph.tensor(file.graph.output).type;
    if (type == graph::Type::kInt8) {
      EXPECT_EQ(given, file.tests[0].output);
      ++narrow;
      continue;
    }
    // Sums and functions there are float32's: one off, and one more behind an activation.
    const auto& wanted = std::get<std::vector<std::int16_t>>(file.tests[0].output);
    const auto& values = std::get<std::vector<std::int16_t>>(given);
    for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_NEAR(values[i], wanted[i], 2);
    ++wide;
  }
  EXPECT_GE(narrow, 25);
  EXPECT_GE(wide, 25);
}

TEST(ReferenceOperators, lose_no_more_in_our_quantizer_than_in_the_reference) {
  if (operators().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int same = 0, better = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(operators())) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".espdl" || name.find("_s16") != std::string::npos ||
        name.ends_with("_pct"))
      continue;
    SCOPED_TRACE(name);
    graph::Graph network, theirs;
    if (!refusal([&] {
           theirs = format::load_espdl(entry.path()).graph;
           network = lowered(format::load_onnx(operators() / (name + ".onnx")));
         }).empty())
      continue;
    const std::size_t size =
        static_cast<std::size_t>(graph::element_count(network.tensor(network.input).shape));
    const std::vector<float> calibration =
        npy_values(operators() / (name + "_calib.npy"), network.tensor(network.input));
    const Scheme scheme =
        calibrated(network, node_bits(network, {}), {{}, size, calibration}, Calibration::kKl);
    const graph::Graph ours = integer_graph(network, scheme);

    const std::vector<float> inputs =
        npy_values(operators() / (name + "_test.npy"), network.tensor(network.input));
    const auto expected = float_outputs(network, {{}, size, inputs});
    const double our_noise = noise_of(ours, inputs, expected, inputs.size() / size),
                 their_noise = noise_of(theirs, inputs, expected, inputs.size() / size);
    bool is_same = true;
    for (const graph::Node& node : theirs.nodes) {
      const auto found = graph::find_tensor(ours, theirs.tensor(node.output).name);
      if (!found || ours.tensor(*found).exponent == theirs.tensor(node.output).exponent) continue;
      is_same = false;
      if (our_noise > their_noise)
        ADD_FAILURE() << theirs.tensor(node.output).name << " has exponent " << *ours.tensor(*found).exponent
                      << " instead of " << *theirs.tensor(node.output).exponent;
    }
    EXPECT_LE(our_noise, their_noise * 1.0001 + 1e-12);
    (is_same ? same : better) += 1;
  }
  EXPECT_GE(same, 23);
  EXPECT_EQ(better, 0);
}

}  // namespace
}  // namespace mudra::quant
