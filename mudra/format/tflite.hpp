// TensorFlow Lite files: networks of this family as float32 or as int8, with operators that TensorFlow Lite
// Micro has too.
//
// A TfliteModel is what a file says, in the file's own terms: batch size 1, NHWC, convolution weights [out,
// h, w, in] and [1, h, w, channels], fully connected ones [out, in].
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::format {

// real = scale * (integer - zero_point); with several scales, one per index of `axis`. No scale: no integers.
struct TfliteQuantization {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;
  int axis = 0;

  bool operator==(const TfliteQuantization&) const = default;
};

struct TfliteTensor {
  std::string name;
  std::vector<int> shape;
  graph::Type type = graph::Type::kFloat32;  // kFloat32, kInt8 or kInt32
  TfliteQuantization quantization;
  std::optional<graph::Values> values;  // constants only

  bool operator==(const TfliteTensor&) const = default;
};

enum class TfliteActivation { kNone, kRelu, kReluN1To1, kRelu6 };
enum class TflitePadding { kSame, kValid };

struct TfliteSliding {
  TflitePadding padding = TflitePadding::kValid;
  int stride_h = 1, stride_w = 1;

  bool operator==(const TfliteSliding&) const = default;
};

// What an operator computes; its inputs in order.
struct TfliteConv2d {  // input, weight, bias
  TfliteSliding sliding;
  TfliteActivation activation = TfliteActivation::kNone;
  bool operator==(const TfliteConv2d&) const = default;
};
struct TfliteDepthwiseConv2d {  // input, weight, bias
  TfliteSliding sliding;
  TfliteActivation activation = TfliteActivation::kNone;
  bool operator==(const TfliteDepthwiseConv2d&) const = default;
};
struct TflitePad {  // input, int32 [4, 2]: how much before and behind on each axis
  bool operator==(const TflitePad&) const = default;
};
struct TfliteAdd {  // input, input
  TfliteActivation activation = TfliteActivation::kNone;
  bool operator==(const TfliteAdd&) const = default;
};
struct TfliteFilter {
  TfliteSliding sliding;
  int height = 1, width = 1;

  bool operator==(const TfliteFilter&) const = default;
};
struct TfliteAveragePool2d {  // input; SAME's padding is not counted
  TfliteFilter filter;
  bool operator==(const TfliteAveragePool2d&) const = default;
};
struct TfliteMaxPool2d {  // input
  TfliteFilter filter;
  bool operator==(const TfliteMaxPool2d&) const = default;
};
struct TfliteTranspose {  // input, int32 [4]: output axis i is this input axis; the first stays
  bool operator==(const TfliteTranspose&) const = default;
};
struct TfliteReshape {  // input [, int32 shape]: [1, h, w, c] to [1, h * w * c]
  bool operator==(const TfliteReshape&) const = default;
};
struct TfliteFullyConnected {  // input, weight, bias
  TfliteActivation activation = TfliteActivation::kNone;
  bool operator==(const TfliteFullyConnected&) const = default;
};

using TfliteOperation =
    std::variant<TfliteConv2d, TfliteDepthwiseConv2d, TflitePad, TfliteAdd, TfliteAveragePool2d,
                 TfliteMaxPool2d, TfliteTranspose, TfliteReshape, TfliteFullyConnected>;

// "CONV_2D", ...
const char* name_of(const TfliteOperation& operation);

struct TfliteOperator {
  TfliteOperation operation;
  std::vector<int> inputs;  // indices of tensors
  int output = 0;

  bool operator==(const TfliteOperator&) const = default;
};

struct TfliteModel {
  std::string description;
  std::vector<TfliteTensor> tensors;
  std::vector<TfliteOperator> operators;  // in execution order
  int input = 0, output = 0;
  std::vector<std::string> class_names;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> notes{};  // what reading left out

  const TfliteTensor& tensor(int i) const { return tensors[static_cast<std::size_t>(i)]; }
  bool is_int8() const { return tensor(input).type == graph::Type::kInt8; }
  bool operator==(const TfliteModel&) const = default;
};

// Throws Error unless every operator's inputs are there, have the types, shapes and quantization that the
// operator asks for, and give its output.
void verify(const TfliteModel& model);

// The same of what a pass of ours has made; an Error begins with "after PASS: ".
void verify(const TfliteModel& model, std::string_view pass);

// The model in a .tflite file, verified; a softmax at its end is left out with a note. Throws Error for
// anything else, naming the operators and what is supported; no file makes it allocate more than a small
// multiple of its size.
TfliteModel read_tflite(std::span<const std::uint8_t> bytes);

// The file at `path`; errors begin with it.
TfliteModel load_tflite(const std::filesystem::path& path);

// The bytes of a .tflite file. Equal models give equal bytes.
std::vector<std::uint8_t> write_tflite(const TfliteModel& model);

// A float graph as a float32 model: normalisations folded, activations taken into the operators in front of
// them, a PAD where TensorFlow's padding rules cannot say what the graph does. Throws Error for what has no
// counterpart, naming the node.
TfliteModel tflite_of(const graph::Graph& graph);

// The float graph of a float32 model; verified. Nodes are called like their outputs, a convolution in front
// of an activation "NAME.linear".
graph::Graph graph_of(const TfliteModel& model);

// The graph as an int8 model after TensorFlow Lite's quantization rules: weights per channel (of the fully
// connected layer per tensor), activations per tensor and asymmetric; the average of a map is a depthwise
// convolution over all of it, so that it has a scale of its own. `images` ([N, input's size], values in
// [0, 1]) are run through the float graph to see the ranges of all activations; the input's is [0, 1] always.
TfliteModel quantized_tflite_of(const graph::Graph& graph, std::span<const float> images);

// The model as text for people: every operator with its tensors, their shapes and numbers.
std::string describe(const TfliteModel& model);

}  // namespace mudra::format
