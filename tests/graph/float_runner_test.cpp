#include "mudra/graph/float_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "mudra/base/error.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/fold_batch_normalization.hpp"
#include "mudra/graph/reference_run.hpp"
#include "mudra/graph/verify.hpp"
#include "tests/graph/float_tolerance.hpp"
#include "tests/graph/random_graphs.hpp"
#include "tests/graph/small_nets.hpp"
#include "tests/refusal.hpp"

namespace mudra::graph {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

std::vector<float> image_for(const Graph& graph, std::uint64_t seed = 1) {
  return random_values(element_count(graph.tensor(graph.input).shape), 0, 1, seed);
}

std::vector<float> output_of(const Graph& graph, const std::vector<float>& images) {
  const auto batch = images.size() / static_cast<std::size_t>(element_count(graph.tensor(graph.input).shape));
  FloatRunner runner(graph, {.max_batch = static_cast<int>(batch), .keep = {}});
  std::vector<float> outputs(batch * runner.output_size());
  runner.run(images, outputs);
  return outputs;
}

// Every tensor of the graph, kept and not kept, is what the reference computes.
void expect_equal_to_reference(const Graph& graph, float tolerance = 2e-5f) {
  const std::vector<float> image = image_for(graph);
  const Activations expected = run_reference(graph, image);
  EXPECT_THAT(output_of(graph, image),
              Pointwise(FloatNear(tolerance), expected[static_cast<std::size_t>(graph.output)]));

  std::vector<TensorIndex> all{graph.input};
  for (const Node& node : graph.nodes) all.push_back(node.output);
  FloatRunner runner(graph, {.max_batch = 1, .keep = all});
  std::vector<float> output(runner.output_size());
  runner.run(image, output);
  for (const TensorIndex i : all) {
    const auto kept = runner.kept(i);
    EXPECT_THAT(std::vector<float>(kept.begin(), kept.end()),
                Pointwise(FloatNear(tolerance), expected[static_cast<std::size_t>(i)]))
        << graph.tensor(i).name;
  }
}

TEST(FloatRunner, computes_what_the_reference_computes) {
  expect_equal_to_reference(fold_batch_normalization(random_net({})));
}

// The part behind the first shortcut's block, with the shortcut given: as the whole network from its input.
TEST(FloatRunner, runs_a_part_from_what_is_given) {
  const Graph graph = fold_batch_normalization(random_net({}));
  const auto add = std::ranges::find_if(
      graph.nodes, [](const Node& node) { return std::holds_alternative<Add>(node.operation); });
  ASSERT_NE(add, graph.nodes.end());
  const std::vector<float> image = image_for(graph);
  const Activations values = run_reference(graph, image);
  Graph part = graph;
  part.nodes.assign(add, graph.nodes.end());
  part.input = add->inputs[0];
  const TensorIndex other = add->inputs[1];
  FloatRunner runner(part, {.max_batch = 2, .keep = {}, .given = {other}});
  const auto twice = [&](TensorIndex i) {
    std::vector<float> both = values[static_cast<std::size_t>(i)];
    both.insert(both.end(), values[static_cast<std::size_t>(i)].begin(),
                values[static_cast<std::size_t>(i)].end());
    return both;
  };
  const std::vector<float> inputs = twice(part.input), given = twice(other);
  std::vector<float> outputs(2 * runner.output_size());
  EXPECT_THAT(refusal([&] { runner.run(inputs, outputs); }), HasSubstr("0 values are given"));
  runner.give(other, given);
  runner.run(inputs, outputs);
  EXPECT_THAT(outputs, Pointwise(FloatNear(2e-5f), twice(graph.output)));
}

TEST(FloatRunner, computes_the_full_size_network) {
  expect_equal_to_reference(fold_batch_normalization(random_net(full_size())), 1e-4f);
}

TEST(FloatRunner, computes_nets_of_odd_sizes_and_of_relu) {
  SmallNet odd;
  odd.architecture = {{2, 1, 2, 1}, ActivationKind::kRelu, 21};
  odd.block_channels = {24, 24, 40, 40};
  odd.expansion = 7;
  expect_equal_to_reference(fold_batch_normalization(random_net(odd)));
}

// An input of its own, random weights, nodes by hand.
class HandMade {
 public:
  explicit HandMade(Shape input) {
    graph_.name = "hand made";
    at_ = graph_.input =
        add_tensor(graph_, {.name = "input", .shape = std::move(input), .exponent = {}, .values = {}});
  }

  TensorIndex conv(TensorIndex in, std::int64_t out_channels, Window window, bool depthwise = false,
                   bool relu = false) {
    const std::int64_t in_channels = graph_.tensor(in).shape[3];
    const std::string name = next_name("conv");
    const Shape shape{out_channels, depthwise ? 1 : in_channels, window.kernel_h, window.kernel_w};
    const TensorIndex weight = add_constant(graph_, name + ".weight", shape, Layout::kOihw,
                                            random_values(element_count(shape), -0.5f, 0.5f, ++seed_));
    const TensorIndex bias = add_constant(graph_, name + ".bias", {out_channels}, Layout::kVector,
                                          random_values(out_channels, -0.5f, 0.5f, ++seed_));
    return add_node(graph_, name, Conv{window, depthwise, relu}, {in, weight, bias});
  }
  TensorIndex node(const char* name, Operation operation, std::vector<TensorIndex> inputs) {
    return add_node(graph_, next_name(name), std::move(operation), std::move(inputs));
  }
  TensorIndex input() const { return graph_.input; }
  Graph finish(TensorIndex output) {
    graph_.output = output;
    verify(graph_, "making it");
    return graph_;
  }

 private:
  std::string next_name(const char* name) { return name + std::to_string(++names_); }

  Graph graph_;
  TensorIndex at_ = 0;
  std::uint64_t seed_ = 0;
  int names_ = 0;
};

TEST(FloatRunner, computes_windows_of_any_form) {
  HandMade net({1, 11, 14, 3});
  TensorIndex at = net.conv(net.input(), 5, {3, 5, 2, 3, 1, 2, 0, 1});
  at = net.conv(at, 5, {2, 4, 1, 1, 1, 3, 0, 0}, true);
  at = net.conv(at, 18, {1, 1, 2, 1, 0, 0, 0, 0}, false, true);
  at = net.conv(at, 4, {3, 3, 1, 1, 2, 2, 2, 2});
  expect_equal_to_reference(net.finish(at));
}

TEST(FloatRunner, computes_additions_of_every_kind) {
  HandMade net({1, 6, 6, 8});
  const TensorIndex a = net.conv(net.input(), 8, {}), b = net.conv(a, 8, {});
  const TensorIndex both = net.node("add", Add{}, {b, a});         // goes into the convolution
  const TensorIndex twice = net.node("add", Add{}, {both, both});  // cannot
  const TensorIndex with_input = net.node("add", Add{}, {net.conv(twice, 8, {}), net.input()});
  const TensorIndex clipped = net.node("clip", Clip{-0.25f, 0.5f}, {with_input});
  const TensorIndex again = net.node("relu", Relu{}, {net.node("add", Add{}, {clipped, twice})});
  expect_equal_to_reference(net.finish(again));
}

// Whichever axis the values lie along.
TEST(FloatRunner, flattens_columns_and_rows_as_well_as_channels) {
  for (const Shape& shape : {Shape{1, 5, 1, 1}, Shape{1, 1, 7, 1}, Shape{1, 1, 1, 19}, Shape{1, 1, 1, 1}}) {
    HandMade net(shape);
    expect_equal_to_reference(net.finish(net.node("flatten", Flatten{}, {net.input()})));
    HandMade behind(shape);
    const TensorIndex flat = behind.node("flatten", Flatten{}, {behind.conv(behind.input(), shape[3], {})});
    expect_equal_to_reference(behind.finish(behind.node("relu", Relu{}, {flat})));
  }
}

TEST(FloatRunner, computes_random_graphs_as_the_reference_does) {
  std::size_t nodes = 0;
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    const Graph source = random_graph(seed);
    verify(source, "making it");
    const std::vector<float> image =
        random_values(element_count(source.tensor(source.input).shape), -1, 1, seed);
    const Graph graph = fold_batch_normalization(source);
    std::vector<TensorIndex> keep;
    Random random(seed);
    for (const Node& node : graph.nodes)
      if (random.chance(0.2f)) keep.push_back(node.output);
    ASSERT_EQ(float_run_differs(graph, image, keep).value_or(""), "") << "seed " << seed;
    ASSERT_EQ(float_run_differs(graph, image, {}).value_or(""), "") << "seed " << seed;
    const std::vector<float> expected = run_reference(source, image)[static_cast<std::size_t>(source.output)];
    float largest = 1;
    for (const float value : expected) largest = std::max(largest, std::abs(value));
    EXPECT_THAT(run_reference(graph, image)[static_cast<std::size_t>(graph.output)],
                Pointwise(FloatNear(1e-3f * largest), expected))
        << "folded, seed " << seed;
    nodes += graph.nodes.size();
  }
  EXPECT_GT(nodes, 5000u);
}

// What run() shows of each tensor watched, and what it keeps of each tensor kept, sorted.
std::map<TensorIndex, std::vector<float>> seen_values(const Graph& graph, const std::vector<float>& images,
                                                      const FloatRunner::Options& options) {
  FloatRunner runner(graph, options);
  std::vector<float> outputs(images.size() / runner.input_size() * runner.output_size());
  std::map<TensorIndex, std::vector<float>> seen;
  std::mutex mutex;
  runner.run(images, outputs, [&](TensorIndex tensor, std::span<const float> values) {
    const std::lock_guard lock(mutex);
    seen[tensor].insert(seen[tensor].end(), values.begin(), values.end());
  });
  for (const TensorIndex i : options.keep) seen[i].assign(runner.kept(i).begin(), runner.kept(i).end());
  for (auto& [i, values] : seen) std::ranges::sort(values);
  return seen;
}

// Each on its own, so that all else is done in one go, and all at once.
TEST(FloatRunner, shows_every_value_of_the_tensors_watched) {
  constexpr int kImages = 3;
  const auto check = [&](const Graph& graph) {
    std::vector<TensorIndex> all{graph.input};
    for (const Node& node : graph.nodes) all.push_back(node.output);
    const std::vector<float> images =
        random_values(kImages * element_count(graph.tensor(graph.input).shape), -1, 1, 1);
    const auto expected = seen_values(graph, images, {.max_batch = kImages, .keep = all});
    EXPECT_EQ(seen_values(graph, images, {.max_batch = kImages, .keep = {}, .watched = all}).size(),
              all.size());
    for (const TensorIndex i : all) {
      const auto seen = seen_values(graph, images, {.max_batch = kImages, .keep = {}, .watched = {i}});
      ASSERT_EQ(seen.size(), 1u) << graph.tensor(i).name;
      const std::vector<float>& wanted = expected.at(i);
      const float largest = std::max(std::abs(wanted.front()), std::abs(wanted.back()));
      EXPECT_THAT(seen.at(i), Pointwise(FloatNear(1e-4f * largest), wanted)) << graph.tensor(i).name;
    }
  };
  SmallNet odd;
  odd.architecture = {{2, 1, 2}, ActivationKind::kRelu6, 21};
  odd.block_channels = {24, 24, 40};
  odd.expansion = 7;
  check(fold_batch_normalization(random_net(odd)));
  HandMade wide({1, 1, 3, 3});  // has more channels than are shown at a time
  check(wide.finish(wide.conv(wide.input(), 1030, {})));
  HandMade cut({1, 5, 5, 4});  // no window of the depthwise convolution reaches the last row
  const TensorIndex expanded = cut.conv(cut.conv(cut.input(), 4, {}), 20, {});
  check(cut.finish(cut.conv(cut.conv(expanded, 20, {3, 3, 2, 2, 1, 1, 0, 0}, true), 6, {})));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    check(fold_batch_normalization(random_graph(seed)));
  }
}

TEST(FloatRunner, fuses_no_block_whose_middle_others_read) {
  HandMade net({1, 6, 6, 8});
  const Window three{3, 3, 1, 1, 1, 1, 1, 1};
  const TensorIndex expanded = net.conv(net.conv(net.input(), 8, {}), 16, {});
  const TensorIndex projected = net.conv(net.conv(expanded, 16, three, true), 16, {});
  expect_equal_to_reference(net.finish(net.node("add", Add{}, {projected, expanded})));
}

TEST(FloatRunner, gives_an_image_the_same_result_in_any_batch_on_any_number_of_threads) {
  const Graph graph = fold_batch_normalization(random_net({}));
  std::vector<float> images, expected;
  for (std::uint64_t i = 0; i < 7; ++i) {
    const auto image = image_for(graph, i), output = output_of(graph, image);
    images.insert(images.end(), image.begin(), image.end());
    expected.insert(expected.end(), output.begin(), output.end());
  }
  for (const int threads : {1, 2, 4}) {
    set_threads(threads);
    EXPECT_EQ(output_of(graph, images), expected) << threads;
  }
  set_threads(0);
}

TEST(FloatRunner, refuses_a_normalisation_that_is_not_folded) {
  EXPECT_THAT(refusal([] { FloatRunner runner(random_net({})); }),
              HasSubstr("node 'first.1': BatchNormalization has no fast float run"));
}

}  // namespace
}  // namespace mudra::graph
