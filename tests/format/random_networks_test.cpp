// Random networks through the files: what is read is the function that was written.
#include <gtest/gtest.h>

#include "mudra/format/onnx.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/reference_run.hpp"
#include "tests/format/onnx_disguise.hpp"
#include "tests/graph/random_graphs.hpp"
#include "tests/refusal.hpp"

namespace mudra::format {
namespace {

std::vector<float> output_of(const graph::Graph& graph, std::uint64_t seed) {
  const auto image = graph::random_values(graph::element_count(graph.tensor(graph.input).shape), -1, 1, seed);
  return run_reference(graph, image)[static_cast<std::size_t>(graph.output)];
}

TEST(RandomNetworks, come_back_from_onnx_as_they_were) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const graph::Graph graph = graph::random_graph(seed);
    ASSERT_EQ(output_of(read_onnx(write_onnx(graph)), seed), output_of(graph, seed)) << "seed " << seed;
  }
}

TEST(RandomNetworks, are_read_from_onnx_however_an_exporter_writes_them) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    graph::Choices choices(seed);
    const graph::Graph graph = graph::random_graph(choices);
    const auto bytes = disguised_onnx(graph, choices);
    ASSERT_EQ(output_of(read_onnx(bytes), seed), output_of(graph, seed)) << "seed " << seed;
  }
}

// The files have fewer operations, and no activation that stands alone.
TEST(RandomNetworks, come_back_from_tflite_as_they_were_or_are_refused) {
  int written = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const graph::Graph graph = fold_batch_normalization(graph::random_graph(seed));
    std::vector<std::uint8_t> bytes;
    const std::string why = refusal([&] { bytes = write_tflite(tflite_of(graph)); });
    if (!why.empty()) continue;
    ++written;
    ASSERT_EQ(output_of(graph_of(read_tflite(bytes)), seed), output_of(graph, seed)) << "seed " << seed;
  }
  EXPECT_GT(written, 150);
}

}  // namespace
}  // namespace mudra::format
