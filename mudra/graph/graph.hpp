// The network as data: nodes and tensors of a float or an integer net, the noun every pass, reader and writer
// shares.
//
// One convention for all formats: activations are NHWC with batch size 1 unless the graph says otherwise,
// convolution weights are OIHW as in PyTorch and ONNX, a fully connected weight is [out, in]. Readers and
// writers translate.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mudra/device/activation.hpp"

namespace mudra::graph {

enum class Type { kFloat32, kInt8, kInt16, kInt32, kInt64 };

enum class Layout {
  kNhwc,    // activations [batch, height, width, channels]
  kNc,      // activations [batch, features]
  kOihw,    // convolution weights [out, in / groups, kernel_h, kernel_w]
  kOi,      // fully connected weights [out, in]
  kVector,  // biases, BatchNorm arrays [channels]
  kScalar,  // []
};

using Shape = std::vector<std::int64_t>;

// In the order of Type.
using Values = std::variant<std::vector<float>, std::vector<std::int8_t>, std::vector<std::int16_t>,
                            std::vector<std::int32_t>, std::vector<std::int64_t>>;

struct Tensor {
  std::string name;
  Shape shape;
  Layout layout = Layout::kNhwc;
  Type type = Type::kFloat32;
  std::optional<int> exponent;   // of integer tensors: value = integer * 2^exponent
  std::optional<Values> values;  // constants only; row-major, of `type`

  bool is_constant() const { return values.has_value(); }
  bool operator==(const Tensor&) const = default;
};

using TensorIndex = int;  // into Graph::tensors

struct Window {
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  bool is_padded() const { return pad_top != 0 || pad_left != 0 || pad_bottom != 0 || pad_right != 0; }
  bool operator==(const Window&) const = default;
};

// What a node computes; its inputs in order.
struct Conv {  // input, weight [, bias]
  Window window;
  bool depthwise = false;   // one filter per channel: weight [channels, 1, kernel_h, kernel_w]
  bool fused_relu = false;  // max(x, 0) after the rounding
  bool operator==(const Conv&) const = default;
};
struct BatchNormalization {  // input, scale, shift, mean, variance
  double epsilon = 1e-5;
  bool operator==(const BatchNormalization&) const = default;
};
struct Clip {  // input; the bounds as real numbers. ReLU6 is [0, 6]
  float low = 0, high = 6;
  bool operator==(const Clip&) const = default;
};
struct Relu {  // input
  bool operator==(const Relu&) const = default;
};
struct Add {  // input, input
  bool operator==(const Add&) const = default;
};
struct Mul {  // input, input; the second may be [n, 1, 1, c] beside a map: a factor per channel
  bool operator==(const Mul&) const = default;
};
struct Concat {  // maps of one height and width: their channels one after another
  bool operator==(const Concat&) const = default;
};
struct MaxPool {  // input; padding is never the largest
  Window window;
  bool operator==(const MaxPool&) const = default;
};
struct AveragePool {  // input; padding is zeros
  Window window;
  bool count_include_pad = true;  // whether the mean is over the padding too
  bool operator==(const AveragePool&) const = default;
};
struct GlobalAveragePool {  // input [n, h, w, c] -> [n, 1, 1, c]
  bool operator==(const GlobalAveragePool&) const = default;
};
struct Flatten {  // input [n, a, b, c] -> [n, a * b * c], in this order; ONNX has a Transpose in front
  bool operator==(const Flatten&) const = default;
};
struct Gemm {  // input [n, in], weight [out, in] [, bias [out]]
  bool fused_relu = false;
  bool operator==(const Gemm&) const = default;
};
using device::Activation;  // input [, in integer networks int8 [256]: the output for -128 and on]
using device::Function;
struct PRelu {  // input, slope [channels]: below zero slope * x
  bool operator==(const PRelu&) const = default;
};
struct RequantizeLinear {  // integer input -> integer output of another type or exponent
  bool operator==(const RequantizeLinear&) const = default;
};

struct Transpose {  // input; output axis i is input axis permutation[i]
  std::vector<int> permutation;
  bool operator==(const Transpose&) const = default;
};

using Operation =
    std::variant<Conv, BatchNormalization, Clip, Relu, Activation, PRelu, Add, Mul, Concat, MaxPool,
                 AveragePool, GlobalAveragePool, Flatten, Gemm, RequantizeLinear, Transpose>;

struct Node {
  std::string name;
  Operation operation;
  std::vector<TensorIndex> inputs;
  TensorIndex output = 0;

  bool operator==(const Node&) const = default;
};

struct Graph {
  std::string name;
  std::vector<Tensor> tensors;
  std::vector<Node> nodes;  // in execution order
  TensorIndex input = 0, output = 0;
  std::vector<std::string> class_names;         // by output; may be empty
  std::map<std::string, std::string> metadata;  // preprocessing, version, ...

  const Tensor& tensor(TensorIndex i) const { return tensors[static_cast<std::size_t>(i)]; }
  Tensor& tensor(TensorIndex i) { return tensors[static_cast<std::size_t>(i)]; }
  bool operator==(const Graph&) const = default;
};

// "Conv", "LeakyRelu", ...: ONNX's names, where it has one.
const char* name_of(const Operation& operation);
const char* name_of(Type type);
const char* name_of(Layout layout);

std::int64_t element_count(const Shape& shape);

// The index of the tensor or node called `name`, or nothing.
std::optional<TensorIndex> find_tensor(const Graph& graph, std::string_view name);
const Node* find_node(const Graph& graph, std::string_view name);

}  // namespace mudra::graph
