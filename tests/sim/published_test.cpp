// The recorded tensors of six runs, and the test vectors of the reference quantizer's files.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "mudra/base/files.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/sim/simulator.hpp"
#include "tests/shared_data.hpp"

namespace mudra::sim {
namespace {

template <typename Integer>
graph::Values values_at(std::span<const std::uint8_t> bytes, std::size_t count) {
  std::vector<Integer> values(count);
  EXPECT_LE(count * sizeof(Integer), bytes.size());
  std::memcpy(values.data(), bytes.data(), count * sizeof(Integer));
  return values;
}

// The recorded tensor of an entry of index.json.
graph::Values recorded(const nlohmann::json& entry, std::span<const std::uint8_t> bytes) {
  std::size_t count = 1;
  for (const auto& size : entry.at("shape")) count *= size.get<std::size_t>();
  const auto from = bytes.subspan(entry.at("offset").get<std::size_t>());
  return entry.at("dtype") == "int8" ? values_at<std::int8_t>(from, count)
                                     : values_at<std::int16_t>(from, count);
}

class PublishedRun : public testing::TestWithParam<Sums> {};

TEST_P(PublishedRun, gives_every_recorded_tensor_element_for_element) {
  const auto folder = shared_data("published");
  if (folder.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  const auto index = nlohmann::json::parse(read_text(folder / "activations/index.json"));
  ASSERT_EQ(index.size(), 6u);
  std::size_t tensors = 0, elements = 0;
  for (const auto& run : index) {
    const auto file = format::load_espdl(folder / "models" / run.at("model").get<std::string>());
    const Simulator simulator(file.graph, GetParam());
    const auto bytes = read_file(folder / "activations" / run.at("file").get<std::string>());
    const auto& entries = run.at("tensors");
    const Activations activations = simulator.run(recorded(entries[0], bytes));
    const auto& order = run.at("order");  // names of the nodes' outputs; entry 0 is the input
    ASSERT_EQ(order.size(), file.graph.nodes.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto tensor = graph::find_tensor(file.graph, order[i].get<std::string>());
      ASSERT_TRUE(tensor) << order[i];
      const graph::Values expected = recorded(entries[i + 1], bytes);
      EXPECT_TRUE(activations[static_cast<std::size_t>(*tensor)] == expected)
          << run.at("file") << " " << order[i];
      ++tensors;
      elements += std::visit([](const auto& values) { return values.size(); }, expected);
    }
  }
  EXPECT_EQ(tensors, 180u);
  EXPECT_GT(elements, 8'000'000u);
}

INSTANTIATE_TEST_SUITE_P(Sim, PublishedRun, testing::Values(Sums::kFastWhereProved, Sums::kInOrder));

TEST(ReferenceFiles, answer_their_own_test_vectors) {
  const auto folder = shared_data("reference-quantizer");
  if (folder.empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int tests = 0;
  for (const char* name :
       {"int8_50/int8_test.espdl", "int8_percentile_50/int8_percentile_test.espdl",
        "eq_relu_50/eq_relu_test.espdl", "mixed_layers3clip_50/mixed_layers3clip_test.espdl"}) {
    const auto file = format::load_espdl(folder / name);
    const Simulator simulator(file.graph);
    for (const auto& test : file.tests) {
      EXPECT_EQ(simulator.run(test.input)[static_cast<std::size_t>(file.graph.output)], test.output) << name;
      ++tests;
    }
  }
  EXPECT_EQ(tests, 4);
}

}  // namespace
}  // namespace mudra::sim
