#include "mudra/quant/analysis.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <span>

#include "mudra/base/error.hpp"
#include "mudra/base/parallel.hpp"
#include "mudra/base/threads.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/kernels/sweeps.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/real_network.hpp"
#include "mudra/quant/rounded_run.hpp"
#include "mudra/quant/tail_run.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

std::size_t index(TensorIndex tensor) { return static_cast<std::size_t>(tensor); }

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

// Of one picture's tensor.
double noise_of(std::span<const float> expected, std::span<const float> found,
                const std::vector<float>& factors) {
  const kernels::Noise sums = kernels::noise(expected, found, factors);
  return noise_ratio(sums.noise, sums.signal);
}

// What the pictures are looked at with; not changed by it.
struct Subject {
  Subject(const graph::Graph& float_network, const graph::Graph& integer)
      : network(float_network),
        real(real_network(integer)),
        gains(channel_gains(network, real.network, real.scheme)),
        nodes(computing_nodes(network)),
        real_nodes(computing_nodes(real.network)) {
    for (const std::size_t node : real_nodes) {
      std::vector<float> inverse = gains.at(real.network.nodes[node].output);
      for (float& gain : inverse) gain = 1 / gain;
      ungains.push_back(kernels::repeated(inverse));
    }
    watch_tensors();
  }

  // Those that both networks have under the same name, but for sums that a Clip bounds before they count.
  void watch_tensors() {
    std::vector<TensorIndex> order{real.network.input};
    for (const graph::Node& node : real.network.nodes) order.push_back(node.output);
    for (const TensorIndex tensor : order) {
      const auto same = graph::find_tensor(network, real.network.tensor(tensor).name);
      if (!same || is_clipped(*same)) continue;
      const Site site = site_of(real.network, real.scheme.bits, tensor);
      watches.emplace_back(*same, UseWatch({.tensor = real.network.tensor(tensor).name,
                                            .bits = site.bits,
                                            .exponent = real.scheme.exponents.at(site)},
                                           gains.at(tensor)));
    }
  }

  bool is_clipped(TensorIndex tensor) const {
    const graph::Node* reader = graph::sole_reader(network, tensor);
    return reader != nullptr && std::holds_alternative<graph::Clip>(reader->operation);
  }

  const graph::Graph& network;
  RealNetwork real;
  std::map<TensorIndex, std::vector<float>> gains;        // by tensor of the real network
  std::vector<std::size_t> nodes, real_nodes;             // with weights, of either network
  std::vector<std::vector<float>> ungains;                // of real_nodes: takes the outputs' gains out again
  std::vector<std::pair<TensorIndex, UseWatch>> watches;  // by tensor of the float network
};

// What one picture shows.
struct Findings {
  std::vector<double> graphwise, layerwise;  // by Subject::nodes
  std::vector<Suit> suits;                   // by Subject::watches

  void add(const Findings& other) {
    const auto add_to = [](std::vector<double>& sums, const std::vector<double>& more) {
      std::ranges::transform(sums, more, sums.begin(), std::plus());
    };
    add_to(graphwise, other.graphwise);
    add_to(layerwise, other.layerwise);
    for (std::size_t i = 0; i < suits.size(); ++i) suits[i].add(other.suits[i]);
  }
};

// Looks at one picture at a time: its tensors stay in the caches. One for each thread.
class Examiner {
 public:
  explicit Examiner(const Subject& subject)
      : subject_(subject),
        plain_(subject.network, 1),
        rounded_(subject.real.network, 1, subject.real.scheme) {
    for (const std::size_t node : subject.nodes)
      tails_.emplace_back(subject.network, subject.network.nodes[node].output, 1);
  }

  Findings examine(const Pictures& picture) {
    const std::vector<float> input = real_values(picture, subject_.network);
    plain_.start(input, values_);
    rounded_.start(input, rounded_values_);
    Findings findings;
    std::size_t next = 0, real_next = 0;
    for (std::size_t k = 0; k < subject_.nodes.size(); ++k) {
      while (next <= subject_.nodes[k]) plain_.run_node(next++, values_);
      while (real_next <= subject_.real_nodes[k]) rounded_.run_node(real_next++, rounded_values_);
      findings.graphwise.push_back(noise_of(plain_.sums(subject_.nodes[k], values_),
                                            rounded_.sums(subject_.real_nodes[k], rounded_values_),
                                            subject_.ungains[k]));
    }
    while (next < subject_.network.nodes.size()) plain_.run_node(next++, values_);
    for (std::size_t k = 0; k < subject_.nodes.size(); ++k) findings.layerwise.push_back(layerwise(k));
    for (const auto& [tensor, watch] : subject_.watches)
      findings.suits.push_back(watch.suit(values_.tensors[index(tensor)]));
    return findings;
  }

 private:
  // The noise of the outputs with layer k alone rounded.
  double layerwise(std::size_t k) {
    run_rounded_layer(k);
    tails_[k].run(layer_, values_.tensors, outputs_);
    static const std::vector<float> as_it_is = kernels::repeated({1.0f});
    return noise_of(values_.tensors[index(subject_.network.output)], outputs_, as_it_is);
  }

  // What layer k gives when it alone is rounded, in the float network's scale, into layer_.
  void run_rounded_layer(std::size_t k) {
    const graph::Node& node = subject_.network.nodes[subject_.nodes[k]];
    const std::size_t real_node = subject_.real_nodes[k];
    const graph::Node& real = subject_.real.network.nodes[real_node];
    rounded_.run_sums(real_node, scaled(values_.tensors[index(node.inputs[0])], real.inputs[0]), layer_);
    // Before an activation nothing is rounded.
    if (!graph::has_fused_relu(node) && !subject_.is_clipped(node.output))
      rounded_.round_output(real_node, layer_);
    change_channels(layer_, subject_.gains.at(real.output), std::divides());
    if (graph::has_fused_relu(node))
      for (float& value : layer_) value = std::max(value, 0.0f);
  }

  // `values` of the float network as the real network has them in `tensor`.
  std::span<const float> scaled(const std::vector<float>& values, TensorIndex tensor) {
    const std::vector<float>& gains = subject_.gains.at(tensor);
    if (is_unscaled(gains)) return values;
    scaled_ = values;
    change_channels(scaled_, gains, std::multiplies());
    return scaled_;
  }

  const Subject& subject_;
  RoundedRun plain_, rounded_;
  std::vector<TailRun> tails_;  // behind each of Subject::nodes
  BatchValues values_, rounded_values_;
  std::vector<float> scaled_, layer_, outputs_;  // of a trial
};

Analysis concluded(const Subject& subject, const std::vector<Findings>& findings) {
  Findings whole = findings[0];
  for (const Findings& found : std::span(findings).subspan(1)) whole.add(found);
  const auto pictures = static_cast<double>(findings.size());
  Analysis analysis;
  for (std::size_t k = 0; k < subject.nodes.size(); ++k)
    analysis.layers.push_back({subject.network.nodes[subject.nodes[k]].name, whole.graphwise[k] / pictures,
                               whole.layerwise[k] / pictures});
  for (std::size_t i = 0; i < subject.watches.size(); ++i)
    analysis.tensors.push_back(subject.watches[i].second.use(whole.suits[i]));
  return analysis;
}

}  // namespace

Analysis analyze(const graph::Graph& network, const graph::Graph& integer, const Pictures& pictures) {
  if (pictures.size() == 0) fail("no pictures to analyze with");
  const Subject subject(network, integer);
  std::vector<Findings> findings(std::min(kAnalyzedPictures, pictures.size()));
  std::vector<std::unique_ptr<Examiner>> examiners(static_cast<std::size_t>(thread_count()));
  for_each_parallel("analyze", findings.size(), [&](std::size_t i) {
    auto& examiner = examiners[static_cast<std::size_t>(omp_get_thread_num())];
    if (!examiner) examiner = std::make_unique<Examiner>(subject);
    findings[i] = examiner->examine(pictures.part(i, 1));
  });
  return concluded(subject, findings);
}

}  // namespace mudra::quant
