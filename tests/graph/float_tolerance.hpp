// Whether two float runs of one graph are the same function, for weights of any size.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/graph/build.hpp"
#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/reference_run.hpp"

namespace mudra::graph {

// x * scale + shift: what no activation of random_graphs.hpp exceeds, nor its slope the scale.
inline void become_affine(Graph& graph, Node& node, float scale, float shift) {
  const auto channels = graph.tensor(node.inputs[0]).shape.back();
  node.inputs.resize(1);
  node.operation = BatchNormalization{0};
  for (const float value : {scale, shift, 0.0f, 1.0f})
    node.inputs.push_back(add_constant(graph, fmt::format("{}.{}", node.name, node.inputs.size()), {channels},
                                       Layout::kVector,
                                       std::vector<float>(static_cast<std::size_t>(channels), value)));
}

// How large the values of every tensor could be if nothing cancelled out, for an input within [-1, 1]: the
// graph of absolute weights. A rounding error anywhere is at most epsilon times that, times the length of the
// sums on the way.
inline Activations magnitudes(const Graph& graph) {
  Graph absolute = graph;
  for (Tensor& tensor : absolute.tensors)
    if (tensor.is_constant())
      for (float& value : std::get<std::vector<float>>(*tensor.values)) value = std::abs(value);
  for (Node& node : absolute.nodes) {
    if (auto* clip = std::get_if<Clip>(&node.operation))
      *clip = {std::max({clip->low, -clip->high, 0.0f}), std::numeric_limits<float>::max()};
    if (std::holds_alternative<Activation>(node.operation)) become_affine(absolute, node, 1.5f, 1);
    if (std::holds_alternative<PRelu>(node.operation)) become_affine(absolute, node, 1, 0);
  }
  const auto size = static_cast<std::size_t>(element_count(graph.tensor(graph.input).shape));
  return run_reference(absolute, std::vector<float>(size, 1));
}

// The rounding errors on the way to the output, in units of its magnitude.
inline float rounding_share(const Graph& graph) {
  std::int64_t sums = 8;
  for (const Node& node : graph.nodes) {
    sums += 4;
    if (node.inputs.size() > 1 && graph.tensor(node.inputs[1]).is_constant())
      sums += element_count(graph.tensor(node.inputs[1]).shape) / graph.tensor(node.inputs[1]).shape[0];
    if (std::holds_alternative<GlobalAveragePool>(node.operation))
      sums += element_count(graph.tensor(node.inputs[0]).shape);
    if (const auto* pool = std::get_if<AveragePool>(&node.operation))
      sums += pool->window.kernel_h * pool->window.kernel_w;
  }
  return static_cast<float>(sums) * std::numeric_limits<float>::epsilon();
}

// Where FloatRunner's tensors `keep` and output for `input`, within [-1, 1], are another function than the
// reference's; nothing where it is the same, or where numbers overflow. The graph is folded.
inline std::optional<std::string> float_run_differs(const Graph& graph, std::span<const float> input,
                                                    const std::vector<TensorIndex>& keep) {
  const Activations expected = run_reference(graph, input), largest = magnitudes(graph);
  FloatRunner runner(graph, {.max_batch = 1, .keep = keep});
  std::vector<float> output(runner.output_size());
  runner.run(input, output);
  const float share = rounding_share(graph);
  const auto differs = [&](TensorIndex i, std::span<const float> values) -> std::optional<std::string> {
    const auto &wanted = expected[static_cast<std::size_t>(i)], &size = largest[static_cast<std::size_t>(i)];
    if (i == graph.input)
      return std::ranges::equal(values, input) ? std::nullopt : std::optional("the input");
    for (std::size_t j = 0; j < wanted.size(); ++j) {
      constexpr float kLargest = 1e30f, kSmallest = 1e-30f;
      if (!(size[j] < kLargest)) continue;
      if (!(std::abs(values[j] - wanted[j]) <= share * size[j] + kSmallest))
        return fmt::format("'{}' at {}: {} instead of {}", graph.tensor(i).name, j, values[j], wanted[j]);
    }
    return std::nullopt;
  };
  if (auto text = differs(graph.output, output)) return text;
  for (const TensorIndex i : keep)
    if (auto text = differs(i, runner.kept(i))) return text;
  return std::nullopt;
}

}  // namespace mudra::graph
