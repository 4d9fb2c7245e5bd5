#include "mudra/quant/bias_correction.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>

#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounded_run.hpp"

namespace mudra::quant {
namespace {

constexpr std::size_t kBatch = 8;

// Batches of values, each kept as long as a later node reads it.
class Batches {
 public:
  Batches(const RoundedRun& run, const graph::Graph& network, const Pictures& pictures) {
    for (std::size_t first = 0; first < pictures.size(); first += kBatch)
      run.start(real_values(pictures.part(first, std::min(kBatch, pictures.size() - first)), network),
                values_.emplace_back());
  }

  // The mean of each channel of node `i`'s sums.
  std::vector<double> means(RoundedRun& run, const graph::Graph& network, std::size_t i) {
    const auto channels = static_cast<std::size_t>(network.tensor(network.nodes[i].output).shape.back());
    std::vector<double> sums(channels, 0.0);
    std::size_t count = 0;
    for (BatchValues& values : values_) {
      stop_if_interrupted();
      run.run_node(i, values);
      const std::vector<float>& seen = run.sums(i, values);
      for (std::size_t k = 0; k < seen.size(); k += channels)
        for (std::size_t c = 0; c < channels; ++c) sums[c] += double{seen[k + c]};
      count += seen.size() / channels;
      values.sums.clear();
    }
    for (double& sum : sums) sum /= static_cast<double>(count);
    return sums;
  }

  void run_node(RoundedRun& run, std::size_t i) {
    for (BatchValues& values : values_) {
      run.run_node(i, values);
      values.sums.clear();
    }
  }

  void forget(graph::TensorIndex tensor) {
    for (BatchValues& values : values_)
      std::vector<float>().swap(values.tensors[static_cast<std::size_t>(tensor)]);
  }

 private:
  std::vector<BatchValues> values_;
};

// Whether a node behind `i` reads `tensor`.
bool is_read_later(const graph::Graph& network, std::size_t i, graph::TensorIndex tensor) {
  return std::any_of(network.nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1, network.nodes.end(),
                     [&](const graph::Node& node) { return std::ranges::count(node.inputs, tensor) > 0; });
}

}  // namespace

graph::Graph with_corrected_biases(const graph::Graph& network, const graph::Graph& target,
                                   const Scheme& scheme, const Pictures& pictures) {
  graph::Graph corrected = network;
  RoundedRun plain(target, kBatch), rounded(network, kBatch, scheme);
  Batches wanted(plain, target, pictures), found(rounded, network, pictures);
  Progress progress("biases", network.nodes.size(), "nodes");
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const graph::Node& node = network.nodes[i];
    if (graph::has_weights(node) && node.inputs.size() > 2) {
      const auto goal = wanted.means(plain, target, i), means = found.means(rounded, network, i);
      auto& bias = graph::float_values(corrected, node.inputs[2]);
      for (std::size_t c = 0; c < bias.size(); ++c) bias[c] += static_cast<float>(goal[c] - means[c]);
      rounded.set_bias(i, bias);
    } else {
      wanted.run_node(plain, i);
    }
    found.run_node(rounded, i);
    for (const graph::TensorIndex input : node.inputs)
      if (!network.tensor(input).is_constant() && !is_read_later(network, i, input)) {
        wanted.forget(input);
        found.forget(input);
      }
    progress.advance();
  }
  return corrected;
}

}  // namespace mudra::quant
