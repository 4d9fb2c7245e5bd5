// What is to be known of each operation, in one table: whoever treats operations by kind asks here.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "mudra/graph/graph.hpp"

namespace mudra::graph {

// How the exponents of a node's activations and of its output go together on the chip.
enum class Exponents {
  kFree,     // computes: each has its own
  kKept,     // moves values or leaves some out: the output has the input's
  kBounded,  // limits values: as kKept, but the output decides and whoever feeds it follows
  kJoined,   // brings tensors together as they are: all inputs have the output's
};

struct OperationTraits {
  static constexpr std::size_t kAll = static_cast<std::size_t>(-1);

  const char* name;
  std::size_t activations;  // how many inputs are activations, the first ones; kAll: every one
  Exponents exponents;
  bool has_weights = false;     // sums products with weights: Conv and Gemm
  bool is_homogeneous = false;  // all activations times s > 0: the output times s
  bool keeps_channels = false;  // that also with an s for each channel of its one activation
};

const OperationTraits& traits(const Operation& operation);

std::size_t activation_count(const Node& node);

inline bool has_weights(const Node& node) { return traits(node.operation).has_weights; }
inline Exponents exponents_of(const Node& node) { return traits(node.operation).exponents; }

// Of one run; 0 for what has no weights.
std::int64_t multiply_adds(const Graph& graph, const Node& node);
std::int64_t multiply_adds(const Graph& graph);

// An Activation's table in integer networks: one output for each int8.
inline constexpr std::int64_t kTableSize = 256;

// By ONNX's name: "LeakyRelu", ...
const char* name_of(Function function);
std::optional<Function> function_called(std::string_view name);

// Whether Activation::alpha and beta mean something to it.
constexpr bool has_alpha(Function function) {
  return function == Function::kLeakyRelu || function == Function::kElu || function == Function::kHardSigmoid;
}
constexpr bool has_beta(Function function) { return function == Function::kHardSigmoid; }

// With the alpha and beta that ONNX and ESP-DL give it where a file does not.
Activation default_activation(Function function);

}  // namespace mudra::graph
