#include "mudra/quant/analysis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "mudra/base/error.hpp"
#include "mudra/base/interrupt.hpp"
#include "mudra/base/progress.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/real_network.hpp"
#include "mudra/quant/rounded_run.hpp"
#include "mudra/quant/rounding.hpp"
#include "mudra/quant/tail_run.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

constexpr std::size_t kBatch = 2;  // stays in the caches

std::size_t index(TensorIndex tensor) { return static_cast<std::size_t>(tensor); }

// Sum over the pictures of a batch of noise / signal; values of `found` are divided by their channel's gain.
double noise_of(const std::vector<float>& expected, const std::vector<float>& found,
                const std::vector<float>& gains, std::size_t pictures) {
  constexpr double kTiny = 1e-7;
  const std::size_t each = expected.size() / pictures, channels = gains.size();
  std::vector<double> scales, noise(channels), signal(channels);  // by channel, so that lanes stay apart
  for (const float gain : gains) scales.push_back(1 / double{gain});
  double total = 0;
  for (std::size_t p = 0; p < pictures; ++p) {
    std::ranges::fill(noise, 0);
    std::ranges::fill(signal, 0);
    for (std::size_t i = p * each; i < (p + 1) * each; i += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const double wanted = double{expected[i + c]};
        const double difference = double{found[i + c]} * scales[c] - wanted;
        noise[c] += difference * difference;
        signal[c] += wanted * wanted;
      }
    total += std::reduce(noise.begin(), noise.end()) / (std::reduce(signal.begin(), signal.end()) + kTiny);
  }
  return total;
}

bool is_unscaled(const std::vector<float>& gains) {
  return std::ranges::all_of(gains, [](float gain) { return gain == 1; });
}

// Multiplies or divides the values of each channel.
template <typename Change>
void change_channels(std::vector<float>& values, const std::vector<float>& gains, Change change) {
  if (is_unscaled(gains)) return;
  for (std::size_t i = 0; i < values.size(); i += gains.size())
    for (std::size_t c = 0; c < gains.size(); ++c) values[i + c] = change(values[i + c], gains[c]);
}

// Watches how one tensor's integers suit its values.
class UseWatch {
 public:
  UseWatch(TensorUse use, std::vector<float> gains)
      : use_(std::move(use)), scales_(std::move(gains)), largest_(scales_.size()), cut_(scales_.size()) {
    for (float& scale : scales_) scale = std::ldexp(scale, -use_.exponent);
  }

  void add(const std::vector<float>& values) {
    const float most = std::ldexp(1.0f, use_.bits - 1) - 1;
    const std::size_t channels = scales_.size();
    for (std::size_t i = 0; i < values.size(); i += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const float integer = values[i + c] * scales_[c];
        largest_[c] = std::max(largest_[c], std::abs(integer));
        cut_[c] += static_cast<std::int32_t>(integer >= most + 1) +
                   static_cast<std::int32_t>(integer < -most - 1.5f);
      }
    for (std::size_t i = 0; i < values.size(); i += kSampled)
      add_errors(double{values[i]} * double{scales_[i % channels]}, double{most});
    count_ += values.size();
  }

  TensorUse use() const {
    TensorUse result = use_;
    result.saturated = std::accumulate(cut_.begin(), cut_.end(), 0.0) / static_cast<double>(count_);
    result.used = double{std::ranges::max(largest_)} / (std::ldexp(1.0, use_.bits - 1) - 1);
    result.liked =
        use_.exponent - kLower + static_cast<int>(std::ranges::min_element(errors_) - errors_.begin());
    return result;
  }

 private:
  static constexpr int kLower = 3, kCandidates = 7;
  static constexpr std::array<double, kCandidates> kSteps{0.125, 0.25, 0.5, 1, 2, 4, 8};
  static constexpr std::size_t kSampled = 17;  // one of so many values is tried at other exponents

  void add_errors(double integer, double most) {
    for (std::size_t k = 0; k < kSteps.size(); ++k) {
      const double rounded = floor_within(integer * (1 / kSteps[k]) + 0.5, most) * kSteps[k];
      errors_[k] += (rounded - integer) * (rounded - integer);
    }
  }

  TensorUse use_;
  std::vector<float> scales_;      // from the float network's values to integers, by channel
  std::vector<float> largest_;     // by channel, as integers
  std::vector<std::int32_t> cut_;  // by channel
  std::size_t count_ = 0;
  std::array<double, kCandidates> errors_{};
};

class Analyzer {
 public:
  Analyzer(const graph::Graph& network, const graph::Graph& integer)
      : network_(network),
        real_(real_network(integer)),
        gains_(channel_gains(network, real_.network, real_.scheme)),
        nodes_(computing_nodes(network)),
        real_nodes_(computing_nodes(real_.network)),
        plain_(network, kBatch),
        rounded_(real_.network, kBatch, real_.scheme) {
    for (const std::size_t node : nodes_) {
      analysis_.layers.push_back({network.nodes[node].name, 0, 0});
      tails_.emplace_back(network, network.nodes[node].output, kBatch);
    }
    watch_tensors();
  }

  Analysis run(const Pictures& pictures) {
    Progress progress("analyze", pictures.size());
    for (std::size_t first = 0; first < pictures.size(); first += kBatch) {
      stop_if_interrupted();
      const std::size_t count = std::min(kBatch, pictures.size() - first);
      add(real_values(pictures.part(first, count)), count);
      progress.advance(count);
    }
    for (LayerNoise& layer : analysis_.layers) {
      layer.graphwise /= static_cast<double>(pictures.size());
      layer.layerwise /= static_cast<double>(pictures.size());
    }
    for (const auto& [tensor, watch] : watches_) analysis_.tensors.push_back(watch.use());
    return std::move(analysis_);
  }

 private:
  // Those that both networks have under the same name, but for sums that a Clip bounds before they count.
  void watch_tensors() {
    std::vector<TensorIndex> order{real_.network.input};
    for (const graph::Node& node : real_.network.nodes) order.push_back(node.output);
    for (const TensorIndex tensor : order) {
      const auto same = graph::find_tensor(network_, real_.network.tensor(tensor).name);
      if (!same || is_clipped(*same)) continue;
      const Site site = site_of(real_.network, real_.scheme.bits, tensor);
      watches_.emplace_back(*same, UseWatch({.tensor = real_.network.tensor(tensor).name,
                                             .bits = site.bits,
                                             .exponent = real_.scheme.exponents.at(site)},
                                            gains_.at(tensor)));
    }
  }

  void add(const std::vector<float>& inputs, std::size_t count) {
    plain_.start(inputs, values_);
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) plain_.run_node(i, values_);
    rounded_.start(inputs, rounded_values_);
    for (std::size_t i = 0; i < real_.network.nodes.size(); ++i) rounded_.run_node(i, rounded_values_);
    for (std::size_t k = 0; k < nodes_.size(); ++k) {
      const auto& gains = gains_.at(real_.network.nodes[real_nodes_[k]].output);
      analysis_.layers[k].graphwise += noise_of(plain_.sums(nodes_[k], values_),
                                                rounded_.sums(real_nodes_[k], rounded_values_), gains, count);
      analysis_.layers[k].layerwise += layerwise(k, count);
    }
    const auto watched = static_cast<std::ptrdiff_t>(watches_.size());
#pragma omp parallel for schedule(dynamic)
    for (std::ptrdiff_t i = 0; i < watched; ++i) {
      auto& [tensor, watch] = watches_[static_cast<std::size_t>(i)];
      watch.add(values_.tensors[index(tensor)]);
    }
  }

  // What layer k gives when it alone is rounded, in the float network's scale, into layer_.
  void run_rounded_layer(std::size_t k) {
    const graph::Node& node = network_.nodes[nodes_[k]];
    const graph::Node& real = real_.network.nodes[real_nodes_[k]];
    trial_.tensors.resize(real_.network.tensors.size());
    std::vector<float>& input = trial_.tensors[index(real.inputs[0])];
    input = values_.tensors[index(node.inputs[0])];
    change_channels(input, gains_.at(real.inputs[0]), std::multiplies());
    rounded_.run_node(real_nodes_[k], trial_);
    // Before an activation nothing is rounded.
    layer_ = bounded(node) ? rounded_.sums(real_nodes_[k], trial_) : trial_.tensors[index(real.output)];
    change_channels(layer_, gains_.at(real.output), std::divides());
    if (fused_relu(node))
      for (float& value : layer_) value = std::max(value, 0.0f);
  }

  static bool fused_relu(const graph::Node& node) {
    if (const auto* conv = std::get_if<graph::Conv>(&node.operation)) return conv->fused_relu;
    return std::get<graph::Gemm>(node.operation).fused_relu;
  }

  bool is_clipped(TensorIndex tensor) const {
    const graph::Node* reader = graph::sole_reader(network_, tensor);
    return reader != nullptr && std::holds_alternative<graph::Clip>(reader->operation);
  }

  bool bounded(const graph::Node& node) const { return fused_relu(node) || is_clipped(node.output); }

  // The noise of the outputs with layer k alone rounded.
  double layerwise(std::size_t k, std::size_t count) {
    run_rounded_layer(k);
    tails_[k].run(layer_, values_.tensors, outputs_);
    const std::vector<float> ones(1, 1.0f);
    return noise_of(values_.tensors[index(network_.output)], outputs_, ones, count);
  }

  const graph::Graph& network_;
  RealNetwork real_;
  std::map<TensorIndex, std::vector<float>> gains_;  // by tensor of the real network
  std::vector<std::size_t> nodes_, real_nodes_;
  RoundedRun plain_, rounded_;
  std::vector<TailRun> tails_;  // behind each of nodes_
  BatchValues values_, rounded_values_, trial_;
  std::vector<float> layer_, outputs_;                     // of a trial
  std::vector<std::pair<TensorIndex, UseWatch>> watches_;  // by tensor of the float network
  Analysis analysis_;
};

}  // namespace

Analysis analyze(const graph::Graph& network, const graph::Graph& integer, const Pictures& pictures) {
  if (pictures.size() == 0) fail("no pictures to analyze with");
  return Analyzer(network, integer).run(pictures.part(0, std::min(kAnalyzedPictures, pictures.size())));
}

}  // namespace mudra::quant
