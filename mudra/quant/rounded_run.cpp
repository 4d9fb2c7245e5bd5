#include "mudra/quant/rounded_run.hpp"
#include "mudra/graph/operations.hpp"
#include "mudra/graph/reference_run.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "mudra/graph/build.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// A network of one node, without its activation.
graph::Graph single(const graph::Graph& network, const graph::Node& node) {
  graph::Graph result;
  graph::Node copy = node;
  *graph::fused_relu(copy) = false;
  for (graph::TensorIndex& input : copy.inputs) input = graph::add_tensor(result, network.tensor(input));
  result.input = copy.inputs[0];
  copy.output = result.output = graph::add_tensor(result, network.tensor(node.output));
  result.nodes.push_back(std::move(copy));
  return result;
}

}  // namespace

RoundedRun::RoundedRun(const graph::Graph& network, std::size_t max_batch, std::optional<Scheme> scheme)
    : network_(network), max_batch_(max_batch), scheme_(std::move(scheme)) {
  if (is_rounded()) {
    deciders_ = deciders(network_, scheme_->bits);
    const graph::Graph rounded = with_rounded_weights(network_, *scheme_);
    for (const graph::Node& node : network_.nodes)
      if (has_parameters(node)) network_.tensor(node.inputs[1]) = rounded.tensor(node.inputs[1]);
  }
  for (std::size_t i = 0; i < network_.nodes.size(); ++i)
    if (graph::has_weights(network_.nodes[i])) make_layer(i);
}

void RoundedRun::make_layer(std::size_t i) {
  const graph::Node& node = network_.nodes[i];
  graph::Graph layer = single(network_, node);
  if (is_rounded() && node.inputs.size() > 2) {
    graph::Tensor& bias = layer.tensor(layer.nodes[0].inputs[2]);
    const int exponent =
        scheme_->exponents.at({node.inputs[0], scheme_->bits[i]}) + scheme_->of_weight.at(node.inputs[1]);
    constexpr int kNarrowBias = 20, kWideBias = 40;
    bias.values = rounded_values(graph::float_values(bias), exponent,
                                 scheme_->bits[i] == kWide ? kWideBias : kNarrowBias);
  }
  layers_.insert_or_assign(
      i, graph::FloatRunner(layer, {.max_batch = static_cast<int>(max_batch_), .keep = {}}));
}

void RoundedRun::set_bias(std::size_t i, const std::vector<float>& bias) {
  network_.tensor(network_.nodes[i].inputs[2]).values = bias;
  make_layer(i);
}

void RoundedRun::start(std::span<const float> inputs, BatchValues& values) const {
  values.tensors.resize(network_.tensors.size());
  values.tensors[static_cast<std::size_t>(network_.input)].assign(inputs.begin(), inputs.end());
}

kernels::Rounding RoundedRun::rounding(Site site) const {
  const int exponent = scheme_->exponents.at(site);
  return {.up = std::ldexp(1.0f, -exponent),
          .step = std::ldexp(1.0f, exponent),
          .most = std::ldexp(1.0f, site.bits - 1) - 1};
}

// The input of a node: rounded where it is the network's, or of another form than its producer gave it.
std::span<const float> RoundedRun::taken(std::size_t i, std::size_t slot, std::span<const float> given,
                                         std::vector<float>& room) const {
  if (!is_rounded()) return given;
  const graph::Node& node = network_.nodes[i];
  const graph::TensorIndex input = node.inputs[slot];
  const Site site{input, scheme_->bits[i]};
  const bool is_border = site != site_of(network_, scheme_->bits, input) || input == network_.input;
  const bool is_joined = graph::exponents_of(node) == graph::Exponents::kJoined;
  if (!is_border && !is_joined) return given;
  room.resize(given.size());
  kernels::bound(given, -kInfinity, kInfinity,
                 rounding(is_joined ? site_of(network_, scheme_->bits, node.output) : site), room.data());
  return room;
}

// Where an activation behind bounds the values before they are rounded.
bool RoundedRun::leaves_rounding_to_reader(std::size_t i) const {
  const graph::TensorIndex output = network_.nodes[i].output;
  const graph::Node* reader = graph::sole_reader(network_, output);
  if (reader == nullptr || !std::holds_alternative<graph::Clip>(reader->operation)) return false;
  const Site site = site_of(network_, scheme_->bits, output);
  return deciders_.at(site) == deciders_.at(site_of(network_, scheme_->bits, reader->output));
}

// Whether the output of computing node `i` is not its sums, so that these are kept beside.
bool RoundedRun::changes_sums(std::size_t i) const {
  return graph::has_fused_relu(network_.nodes[i]) || (is_rounded() && !leaves_rounding_to_reader(i));
}

const std::vector<float>& RoundedRun::sums(std::size_t i, const BatchValues& values) const {
  return changes_sums(i) ? values.sums.at(i)
                         : values.tensors[static_cast<std::size_t>(network_.nodes[i].output)];
}

void RoundedRun::run_sums(std::size_t i, std::span<const float> input, std::vector<float>& sums) {
  graph::FloatRunner& layer = layers_.at(i);
  sums.resize(input.size() / layer.input_size() * layer.output_size());
  layer.run(taken(i, 0, input, room_), sums);
}

std::optional<kernels::Rounding> RoundedRun::rounding_of(std::size_t i) const {
  if (!is_rounded() || leaves_rounding_to_reader(i)) return std::nullopt;
  return rounding(site_of(network_, scheme_->bits, network_.nodes[i].output));
}

void RoundedRun::round_output(std::size_t i, std::vector<float>& output) const {
  if (const auto rounding = rounding_of(i))
    kernels::bound(output, -kInfinity, kInfinity, rounding, output.data());
}

void RoundedRun::give_bounded(std::size_t i, std::span<const float> input, float low, float high,
                              std::vector<float>& output) const {
  output.resize(input.size());
  kernels::bound(input, low, high, rounding_of(i), output.data());
}

// Any node but those with weights, picture by picture.
void RoundedRun::run_alone(const graph::Node& node, std::span<const std::span<const float>> inputs,
                           std::vector<float>& output) const {
  const auto size = [&](graph::TensorIndex tensor) {
    return static_cast<std::size_t>(graph::element_count(network_.tensor(tensor).shape));
  };
  const std::size_t batch = inputs[0].size() / size(node.inputs[0]), each = size(node.output);
  output.resize(batch * each);
  std::vector<std::span<const float>> picture(inputs.size());
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t slot = 0; slot < inputs.size(); ++slot)
      picture[slot] = inputs[slot].subspan(b * size(node.inputs[slot]), size(node.inputs[slot]));
    graph::run_reference(network_, node, picture, std::span(output).subspan(b * each, each));
  }
}

void RoundedRun::run_node(std::size_t i, BatchValues& values) {
  const graph::Node& node = network_.nodes[i];
  const auto given = [&](std::size_t slot) -> const std::vector<float>& {
    return values.tensors[static_cast<std::size_t>(node.inputs[slot])];
  };
  std::vector<float>& output = values.tensors[static_cast<std::size_t>(node.output)];
  if (graph::has_weights(node)) {
    if (!changes_sums(i)) return run_sums(i, given(0), output);
    std::vector<float>& sums = values.sums[i];
    run_sums(i, given(0), sums);
    return give_bounded(i, sums, graph::has_fused_relu(node) ? 0 : -kInfinity, kInfinity, output);
  }
  const std::span<const float> input = taken(i, 0, given(0), room_);
  if (const auto* clip = std::get_if<graph::Clip>(&node.operation))
    return give_bounded(i, input, clip->low, clip->high, output);
  if (std::holds_alternative<graph::Relu>(node.operation))
    return give_bounded(i, input, 0, kInfinity, output);
  std::vector<std::vector<float>> rooms(graph::activation_count(node));
  std::vector<std::span<const float>> inputs{input};
  for (std::size_t slot = 1; slot < rooms.size(); ++slot)
    inputs.push_back(taken(i, slot, given(slot), rooms[slot]));
  run_alone(node, inputs, output);
  round_output(i, output);
}

}  // namespace mudra::quant
