#include "mudra/quant/real_network.hpp"
#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/verify.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

int bits_of(const graph::Tensor& tensor) { return tensor.type == graph::Type::kInt16 ? kWide : kNarrow; }

std::vector<float> real_values(const graph::Tensor& tensor) {
  return std::visit(
      [&](const auto& integers) {
        std::vector<float> reals;
        for (const auto integer : integers)
          reals.push_back(std::ldexp(static_cast<float>(integer), *tensor.exponent));
        return reals;
      },
      *tensor.values);
}

// What only changes the form of its input.
bool is_dropped(const graph::Graph& network, const graph::Node& node) {
  const graph::Shape& shape = network.tensor(node.inputs[0]).shape;
  const bool is_line = std::ranges::count_if(shape, [](std::int64_t size) { return size > 1; }) < 2;
  return std::holds_alternative<graph::RequantizeLinear>(node.operation) ||
         (std::holds_alternative<graph::Transpose>(node.operation) && is_line);
}

// The gain of one channel of a layer: the ratio of its weights, or 1 where they are the same but for
// rounding.
float gain_of(const std::vector<double>& before, std::span<const float> after, double step) {
  constexpr double kRounding = 0.51;  // of a step
  double product = 0, square = 0, difference = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    product += before[i] * double{after[i]};
    square += before[i] * before[i];
    difference = std::max(difference, std::abs(before[i] - double{after[i]}));
  }
  const double ratio = square > 0 ? product / square : 1;
  if (difference <= kRounding * step || ratio <= 0) return 1;
  return static_cast<float>(ratio);
}

// Of a node without weights. What moves values across channels gets one gain for all from every recipe.
std::vector<float> gains_behind(const graph::Graph& made, const graph::Node& node,
                                const std::map<TensorIndex, std::vector<float>>& gains) {
  std::vector<float> behind = gains.at(node.inputs[0]);
  if (std::holds_alternative<graph::Concat>(node.operation))
    for (std::size_t part = 1; part < node.inputs.size(); ++part)
      behind.insert(behind.end(), gains.at(node.inputs[part]).begin(), gains.at(node.inputs[part]).end());
  const auto channels = static_cast<std::size_t>(made.tensor(node.output).shape.back());
  if (behind.size() != channels) behind.assign(channels, behind[0]);
  return behind;
}

}  // namespace

RealNetwork real_network(const graph::Graph& integer) {
  RealNetwork real;
  graph::Graph& network = real.network;
  network.name = integer.name;
  network.class_names = integer.class_names;
  std::vector<TensorIndex> source(integer.tensors.size());  // of what is dropped: what it was made of
  for (std::size_t i = 0; i < integer.tensors.size(); ++i) {
    source[i] = static_cast<TensorIndex>(i);
    graph::Tensor tensor = integer.tensors[i];
    if (!tensor.exponent) fail("tensor '{}' is float; an integer network is needed", tensor.name);
    if (tensor.is_constant()) tensor.values = real_values(tensor);
    tensor.type = graph::Type::kFloat32;
    tensor.exponent.reset();
    graph::add_tensor(network, std::move(tensor));
  }
  const auto origin = [&](TensorIndex tensor) { return source[static_cast<std::size_t>(tensor)]; };
  const auto note_exponent = [&](TensorIndex tensor) {
    const graph::Tensor& form = integer.tensor(tensor);
    real.scheme.exponents.try_emplace({origin(tensor), bits_of(form)}, *form.exponent);
  };
  note_exponent(integer.input);
  for (const graph::Node& node : integer.nodes) {
    if (is_dropped(integer, node)) {
      source[static_cast<std::size_t>(node.output)] = origin(node.inputs[0]);
      note_exponent(node.output);
      continue;
    }
    graph::Node copy = node;
    for (TensorIndex& input : copy.inputs) input = origin(input);
    if (std::holds_alternative<graph::Activation>(node.operation))
      copy.inputs.resize(1);  // without its table
    network.nodes.push_back(std::move(copy));
    real.scheme.bits.push_back(bits_of(integer.tensor(node.output)));
    note_exponent(node.output);
    if (has_parameters(network.nodes.back()))
      real.scheme.of_weight[node.inputs[1]] = *integer.tensor(node.inputs[1]).exponent;
  }
  network.input = integer.input;
  network.output = origin(integer.output);
  graph::verify(network, "reading integers as real numbers");
  return real;
}

std::vector<std::size_t> computing_nodes(const graph::Graph& network) {
  std::vector<std::size_t> nodes;
  for (std::size_t i = 0; i < network.nodes.size(); ++i)
    if (graph::has_weights(network.nodes[i])) nodes.push_back(i);
  return nodes;
}

std::map<TensorIndex, std::vector<float>> channel_gains(const graph::Graph& original,
                                                        const graph::Graph& made, const Scheme& scheme) {
  const auto theirs = computing_nodes(original), ours = computing_nodes(made);
  if (theirs.size() != ours.size())
    fail("one network has {} layers with weights, the other {}: they do not belong together", theirs.size(),
         ours.size());
  std::map<TensorIndex, std::vector<float>> gains;
  gains[made.input].assign(static_cast<std::size_t>(made.tensor(made.input).shape.back()), 1.0f);
  std::size_t next = 0;
  for (const graph::Node& node : made.nodes) {
    if (!graph::has_weights(node)) {
      gains[node.output] = gains_behind(made, node, gains);
      continue;
    }
    const graph::Node& other = original.nodes[theirs[next++]];
    const graph::Tensor &before = original.tensor(other.inputs[1]), &after = made.tensor(node.inputs[1]);
    if (before.shape != after.shape)
      fail("node '{}' and node '{}' have weights of other shapes: they do not belong together", other.name,
           node.name);
    const std::vector<float>& input = gains.at(node.inputs[0]);
    const auto out = static_cast<std::size_t>(after.shape[0]), in = static_cast<std::size_t>(after.shape[1]);
    const auto& old_weights = graph::float_values(before);
    const auto& new_weights = graph::float_values(after);
    const std::size_t each = old_weights.size() / out, taps = each / in;
    const auto* conv = std::get_if<graph::Conv>(&node.operation);
    const bool depthwise = conv != nullptr && conv->depthwise;
    std::vector<float>& output = gains[node.output];
    if (node.output == made.output) {  // which no recipe rescales
      output.assign(static_cast<std::size_t>(after.shape[0]), 1.0f);
      continue;
    }
    for (std::size_t c = 0; c < out; ++c) {
      std::vector<double> expected(each);
      for (std::size_t i = 0; i < each; ++i)
        expected[i] = double{old_weights[c * each + i]} / double{input[depthwise ? c : i / taps]};
      output.push_back(gain_of(expected, std::span(new_weights).subspan(c * each, each),
                               std::ldexp(1.0, scheme.of_weight.at(node.inputs[1]))));
    }
  }
  return gains;
}

}  // namespace mudra::quant
