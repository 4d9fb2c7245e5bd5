#include "mudra/graph/operations.hpp"

#include <algorithm>
#include <array>

namespace mudra::graph {
namespace {

constexpr auto kFree = Exponents::kFree, kKept = Exponents::kKept, kBounded = Exponents::kBounded,
               kJoined = Exponents::kJoined;
constexpr auto kAll = OperationTraits::kAll;

template <typename>
constexpr OperationTraits kTraits = {};
template <>
constexpr OperationTraits kTraits<Conv> = {"Conv", 1, kFree, true};
template <>
constexpr OperationTraits kTraits<Gemm> = {"Gemm", 1, kFree, true};
template <>
constexpr OperationTraits kTraits<BatchNormalization> = {"BatchNormalization", 1, kFree};
template <>
constexpr OperationTraits kTraits<Clip> = {"Clip", 1, kBounded, false, true};  // its bounds scaled too
template <>
constexpr OperationTraits kTraits<Relu> = {"Relu", 1, kBounded, false, true, true};
template <>
constexpr OperationTraits kTraits<Activation> = {"Activation", 1, kFree};
template <>
constexpr OperationTraits kTraits<PRelu> = {"PRelu", 1, kFree, false, true, true};
template <>
constexpr OperationTraits kTraits<Add> = {"Add", 2, kJoined, false, true};
template <>
constexpr OperationTraits kTraits<Mul> = {"Mul", 2, kFree};
template <>
constexpr OperationTraits kTraits<Concat> = {"Concat", kAll, kJoined, false, true};
template <>
constexpr OperationTraits kTraits<MaxPool> = {"MaxPool", 1, kKept, false, true, true};
template <>
constexpr OperationTraits kTraits<AveragePool> = {"AveragePool", 1, kFree, false, true, true};
template <>
constexpr OperationTraits kTraits<GlobalAveragePool> = {"GlobalAveragePool", 1, kFree, false, true, true};
template <>
constexpr OperationTraits kTraits<Flatten> = {"Flatten", 1, kKept, false, true};
template <>
constexpr OperationTraits kTraits<RequantizeLinear> = {"RequantizeLinear", 1, kFree, false, true};
template <>
constexpr OperationTraits kTraits<Transpose> = {"Transpose", 1, kKept, false, true};

// In the order of Function.
constexpr std::array kFunctionNames = {"LeakyRelu",   "Elu",       "Sigmoid", "Tanh",
                                       "HardSigmoid", "HardSwish", "Swish"};

}  // namespace

const OperationTraits& traits(const Operation& operation) {
  return std::visit(
      []<typename Kind>(const Kind&) -> const OperationTraits& {
        static_assert(kTraits<Kind>.name != nullptr);
        return kTraits<Kind>;
      },
      operation);
}

std::size_t activation_count(const Node& node) {
  return std::min(traits(node.operation).activations, node.inputs.size());
}

std::int64_t multiply_adds(const Graph& graph, const Node& node) {
  if (!has_weights(node)) return 0;
  const Shape& weight = graph.tensor(node.inputs[1]).shape;
  return element_count(graph.tensor(node.output).shape) * element_count(weight) / weight[0];
}

std::int64_t multiply_adds(const Graph& graph) {
  std::int64_t sum = 0;
  for (const Node& node : graph.nodes) sum += multiply_adds(graph, node);
  return sum;
}

const char* name_of(const Operation& operation) {
  const auto* activation = std::get_if<Activation>(&operation);
  return activation != nullptr ? name_of(activation->function) : traits(operation).name;
}

Activation default_activation(Function function) {
  switch (function) {
    case Function::kLeakyRelu:
      return {function, 0.01f, 0};
    case Function::kElu:
      return {function, 1, 0};
    case Function::kHardSigmoid:
      return {function, 0.2f, 0.5f};
    default:
      return {function};
  }
}

const char* name_of(Function function) { return kFunctionNames[static_cast<std::size_t>(function)]; }

std::optional<Function> function_called(std::string_view name) {
  const auto* found = std::ranges::find(kFunctionNames, name);
  if (found == kFunctionNames.end()) return std::nullopt;
  return static_cast<Function>(found - kFunctionNames.begin());
}

}  // namespace mudra::graph
