// A network node by node in real numbers, each node rounded as a scheme says or not: for reports that need to
// see between the roundings, and sums before their activation.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "mudra/graph/float_runner.hpp"
#include "mudra/graph/graph.hpp"
#include "mudra/quant/kernels/sweeps.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

// [batch, tensor's size] by TensorIndex of the network.
struct BatchValues {
  std::vector<std::vector<float>> tensors;
  std::map<std::size_t, std::vector<float>> sums;  // by node: see RoundedRun::sums
};

class RoundedRun {
 public:
  // `network` is lowered and outlives this. Without a scheme nothing is rounded. Rounded, an 8-bit network
  // gives the chip's integers as long as nothing saturates in an accumulator; 16-bit sums are float32's.
  RoundedRun(const graph::Graph& network, std::size_t max_batch, std::optional<Scheme> scheme = {});

  // The network's input, [batch, size], into `values`; rounded by the node that reads it.
  void start(std::span<const float> inputs, BatchValues& values) const;

  // Node `i` from the tensors in `values`.
  void run_node(std::size_t i, BatchValues& values);

  // The sums of computing node `i`, which was run last or not forgotten: before any activation and rounding.
  const std::vector<float>& sums(std::size_t i, const BatchValues& values) const;

  // The sums of computing node `i` for its input, [batch, size].
  void run_sums(std::size_t i, std::span<const float> input, std::vector<float>& sums);

  // Rounds what node `i` gives, unless that is left to the activation behind it.
  void round_output(std::size_t i, std::vector<float>& output) const;

  // Replaces the bias of node `i`, before rounding.
  void set_bias(std::size_t i, const std::vector<float>& bias);

 private:
  bool is_rounded() const { return scheme_.has_value(); }
  void make_layer(std::size_t i);
  kernels::Rounding rounding(Site site) const;
  std::optional<kernels::Rounding> rounding_of(std::size_t i) const;  // of its output, if it rounds that
  void give_bounded(std::size_t i, std::span<const float> input, float low, float high,
                    std::vector<float>& output) const;
  std::span<const float> taken(std::size_t i, std::size_t slot, std::span<const float> given,
                               std::vector<float>& room) const;
  void run_alone(const graph::Node& node, std::span<const std::span<const float>> inputs,
                 std::vector<float>& output) const;
  bool leaves_rounding_to_reader(std::size_t i) const;
  bool changes_sums(std::size_t i) const;

  graph::Graph network_;
  std::size_t max_batch_;
  std::optional<Scheme> scheme_;
  std::map<Site, Site> deciders_;
  std::map<std::size_t, graph::FloatRunner> layers_;  // by computing node
  std::vector<float> room_;                           // of an input that is rounded
};

}  // namespace mudra::quant
