#include "mudra/train/classifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "mudra/graph/networks.hpp"
#include "tests/refusal.hpp"
#include "tests/train/examples.hpp"

namespace mudra::train {
namespace {

std::vector<float> row_of(const graph::Graph& network, const char* name, std::size_t row) {
  const graph::Tensor& tensor = network.tensor(find_tensor(network, name).value());
  const std::vector<float>& values = float_values(tensor);
  const auto size = values.size() / static_cast<std::size_t>(tensor.shape[0]);
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * size);
  return {begin, begin + static_cast<std::ptrdiff_t>(size)};
}

TEST(Classifier, keeps_the_rows_of_known_classes_and_draws_new_ones) {
  graph::Graph network = random_network(small_net(), 1);
  for (float& bias : constant(network, "classifier.2.bias")) bias = 0.5f;
  constexpr std::array kRows{4, kNewRow, 0, 2, kNewRow, 1, 3};
  const graph::Graph grown = with_outputs(network, kRows, 3);
  EXPECT_EQ(grown.tensor(grown.output).shape, (graph::Shape{1, 7}));
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    const bool is_new = kRows.at(i) == kNewRow;
    EXPECT_EQ(row_of(grown, "classifier.2.bias", i), std::vector{is_new ? 0.0f : 0.5f});
    if (is_new) continue;
    EXPECT_EQ(row_of(grown, "classifier.2.weight", i),
              row_of(network, "classifier.2.weight", static_cast<std::size_t>(kRows.at(i))));
  }
  EXPECT_NE(row_of(grown, "classifier.2.weight", 1), row_of(grown, "classifier.2.weight", 4));
  EXPECT_EQ(with_outputs(network, kRows, 3), grown);
  EXPECT_NE(row_of(with_outputs(network, kRows, 4), "classifier.2.weight", 1),
            row_of(grown, "classifier.2.weight", 1));
  EXPECT_EQ(row_of(grown, "first.0.weight", 0), row_of(network, "first.0.weight", 0));
}

TEST(Classifier, may_shrink_and_is_found_in_every_built_in_network) {
  for (const graph::BuiltInNetwork& built_in : graph::built_in_networks()) {
    const graph::Graph network = random_network(built_in.build({96, 96, 1}, 8), 1);
    const graph::Graph smaller = with_outputs(network, std::array{3, 0, kNewRow}, 1);
    EXPECT_EQ(smaller.tensor(smaller.output).shape, (graph::Shape{1, 3})) << built_in.name;
  }
}

TEST(Classifier, of_a_network_that_ends_otherwise_is_refused) {
  graph::Graph network = random_network(small_net(), 1);
  network.output = add_node(network, "relu", graph::Relu(), {network.output});
  EXPECT_THAT(refusal([&] {
                with_outputs(network, std::array{0, 1}, 1);
              }),
              testing::HasSubstr("its classes stay as they are"));
}

}  // namespace
}  // namespace mudra::train
