#include "mudra/quant/integer_graph.hpp"
#include "mudra/graph/operations.hpp"

#include <limits>
#include <string>

#include "mudra/base/error.hpp"
#include "mudra/graph/build.hpp"
#include "mudra/graph/verify.hpp"
#include "mudra/quant/lower.hpp"
#include "mudra/quant/rounding.hpp"

namespace mudra::quant {
namespace {

using graph::TensorIndex;

constexpr int kNarrowBiasBits = 20, kWideBiasBits = 40;

graph::Type type_of(int bits) { return bits == kWide ? graph::Type::kInt16 : graph::Type::kInt8; }

// Type and exponent of an activation.
struct Form {
  int bits = kNarrow, exponent = 0;
  bool operator==(const Form&) const = default;
};

class Builder {
 public:
  Builder(const graph::Graph& network, const Scheme& scheme)
      : network_(network), scheme_(scheme), made_(network.tensors.size(), -1) {
    result_.name = network.name;
    result_.class_names = network.class_names;
    result_.metadata = network.metadata;
  }

  graph::Graph build() {
    result_.input = add_activation(network_.input, form_of(network_.input));
    for (std::size_t i = 0; i < network_.nodes.size(); ++i) add(network_.nodes[i], scheme_.bits[i]);
    result_.output = made(network_.output);
    graph::verify(result_, "quantizing");
    return std::move(result_);
  }

 private:
  TensorIndex& made(TensorIndex tensor) { return made_[static_cast<std::size_t>(tensor)]; }

  Form form_of(TensorIndex tensor) const {
    const Site site = site_of(network_, scheme_.bits, tensor);
    return {site.bits, scheme_.exponents.at(site)};
  }

  TensorIndex add_activation(TensorIndex tensor, Form form) {
    const graph::Tensor& source = network_.tensor(tensor);
    return made(tensor) = graph::add_tensor(result_, {.name = source.name,
                                                      .shape = source.shape,
                                                      .layout = source.layout,
                                                      .type = type_of(form.bits),
                                                      .exponent = form.exponent,
                                                      .values = {}});
  }

  // The form in which `node` takes its activations.
  Form wanted(const graph::Node& node, TensorIndex input, int bits) const {
    if (graph::exponents_of(node) == graph::Exponents::kFree)
      return {bits, scheme_.exponents.at({input, bits})};
    return form_of(node.output);
  }

  // The activation in that form, behind a RequantizeLinear where it has another.
  TensorIndex taken(const graph::Node& node, std::size_t slot, Form form) {
    const TensorIndex input = node.inputs[slot];
    if (form_of(input) == form) return made(input);
    const std::string name = fmt::format("{}_requantized_{}", node.name, slot);
    graph::Tensor tensor = result_.tensor(made(input));
    tensor.name = name;
    tensor.type = type_of(form.bits);
    tensor.exponent = form.exponent;
    const TensorIndex output = graph::add_tensor(result_, std::move(tensor));
    result_.nodes.push_back({name, graph::RequantizeLinear{}, {made(input)}, output});
    return output;
  }

  void add(const graph::Node& node, int bits) {
    graph::Node integer{node.name, node.operation, {}, 0};
    Form form;
    for (std::size_t slot = 0; slot < graph::activation_count(node); ++slot) {
      form = wanted(node, node.inputs[slot], bits);
      integer.inputs.push_back(taken(node, slot, form));
    }
    if (has_parameters(node)) add_parameters(node, bits, form.exponent, integer);
    if (const auto* activation = std::get_if<graph::Activation>(&node.operation);
        activation && bits == kNarrow)
      add_table(*activation, form.exponent, form_of(node.output).exponent, integer);
    if (std::holds_alternative<graph::Flatten>(node.operation)) integer.inputs[0] = channels_first(integer);
    integer.output = add_activation(node.output, form_of(node.output));
    result_.nodes.push_back(std::move(integer));
  }

  void add_parameters(const graph::Node& node, int bits, int input_exponent, graph::Node& integer) {
    graph::Tensor weight = network_.tensor(node.inputs[1]);
    const int exponent = scheme_.of_weight.at(node.inputs[1]);
    const std::vector<float>& values = graph::float_values(network_.tensor(node.inputs[1]));
    weight.type = type_of(bits);
    weight.exponent = exponent;
    if (bits == kWide)
      weight.values = nearest_integers<std::int16_t>(values, exponent);
    else
      weight.values = nearest_integers<std::int8_t>(values, exponent);
    integer.inputs.push_back(graph::add_tensor(result_, std::move(weight)));
    if (node.inputs.size() < 3) return;
    graph::Tensor bias = network_.tensor(node.inputs[2]);
    const std::vector<float>& biases = graph::float_values(network_.tensor(node.inputs[2]));
    bias.exponent = input_exponent + exponent;
    if (bits == kWide) {
      bias.type = graph::Type::kInt64;
      bias.values = nearest_integers<std::int64_t>(biases, *bias.exponent, kWideBiasBits);
    } else {
      bias.type = graph::Type::kInt32;
      bias.values = nearest_integers<std::int32_t>(biases, *bias.exponent, kNarrowBiasBits);
    }
    integer.inputs.push_back(graph::add_tensor(result_, std::move(bias)));
  }

  void add_table(const graph::Activation& activation, int from, int to, graph::Node& integer) {
    std::vector<std::int8_t> table;
    for (int value = std::numeric_limits<std::int8_t>::min();
         value <= std::numeric_limits<std::int8_t>::max(); ++value)
      table.push_back(device::activated<std::int8_t>(activation, value, from, to));
    integer.inputs.push_back(graph::add_tensor(result_, {.name = integer.name + "_table",
                                                         .shape = {graph::kTableSize},
                                                         .layout = graph::Layout::kVector,
                                                         .type = graph::Type::kInt8,
                                                         .exponent = to,
                                                         .values = std::move(table)}));
  }

  // A map whose values lie in one row is flattened in the order ONNX's Flatten goes through it, as ESP-PPQ
  // writes it; of others a Transpose is there already or not meant.
  TensorIndex channels_first(const graph::Node& flatten) {
    const graph::Shape& shape = result_.tensor(flatten.inputs[0]).shape;
    const graph::Node* producer = producer_of(result_, flatten.inputs[0]);
    if (!graph::is_channels_first_too(shape) ||
        (producer != nullptr && std::holds_alternative<graph::Transpose>(producer->operation)))
      return flatten.inputs[0];
    const std::string name = flatten.name + "_transposed";
    graph::Tensor tensor = result_.tensor(flatten.inputs[0]);
    tensor.name = name;
    tensor.shape = {tensor.shape[0], tensor.shape[3], tensor.shape[1], tensor.shape[2]};
    const TensorIndex output = graph::add_tensor(result_, std::move(tensor));
    result_.nodes.push_back({name, graph::Transpose{{0, 3, 1, 2}}, {flatten.inputs[0]}, output});
    return output;
  }

  const graph::Graph& network_;
  const Scheme& scheme_;
  graph::Graph result_;
  std::vector<TensorIndex> made_;  // by the network's tensor
};

}  // namespace

graph::Graph integer_graph(const graph::Graph& network, const Scheme& scheme) {
  return Builder(network, scheme).build();
}

}  // namespace mudra::quant
