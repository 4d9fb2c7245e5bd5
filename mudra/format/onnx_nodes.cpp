// How each supported ONNX operation becomes nodes of a graph.
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <tuple>

#include "mudra/base/error.hpp"
#include "mudra/format/onnx_import.hpp"
#include "mudra/format/operation_counts.hpp"

namespace mudra::format {
namespace {

using graph::Layout;
using graph::Shape;
using graph::TensorIndex;
using Integers = std::vector<std::int64_t>;

constexpr int kMaxExtent = 4096;  // of a kernel, stride or pad

// A node of the file, its name in the graph, and the graph it goes to.
struct Source {
  OnnxImport& to;
  const onnx::NodeProto& node;
  const std::string& name;
  OnnxAttributes attributes{node};

  TensorIndex activation(int i) const { return to.activation(node, i); }
  const OnnxConstant& constant(int i) const { return to.constant(node, i); }
  bool has_input(int i) const { return OnnxImport::has_input(node, i); }
  void add(graph::Operation operation, std::vector<TensorIndex> inputs) const {
    to.add(node, name, std::move(operation), std::move(inputs));
  }
};

int extent(std::int64_t value, const char* what) {
  if (value < 0 || value > kMaxExtent) fail("{} of {} is not within 0 to {}", what, value, kMaxExtent);
  return static_cast<int>(value);
}

Integers sizes(const OnnxAttributes& attributes, const char* name, Integers absent) {
  const std::size_t count = absent.size();
  Integers values = attributes.integers(name, std::move(absent));
  if (values.size() != count) fail("{} has {} values, not {}", name, values.size(), count);
  return values;
}

// The padding SAME_UPPER or SAME_LOWER asks for at the two ends of an axis.
std::pair<int, int> same_padding(std::int64_t side, int kernel, int stride, bool upper) {
  if (stride < 1) fail("stride of {}", stride);
  const std::int64_t out = (side + stride - 1) / stride;
  const int total = extent(std::max<std::int64_t>((out - 1) * stride + kernel - side, 0), "padding");
  const int small = total / 2;
  return upper ? std::pair(small, total - small) : std::pair(total - small, small);
}

graph::Window window_of(const OnnxAttributes& attributes, std::int64_t kernel_h, std::int64_t kernel_w,
                        const Shape& in) {
  const Integers kernel = sizes(attributes, "kernel_shape", {kernel_h, kernel_w}),
                 strides = sizes(attributes, "strides", {1, 1}),
                 dilations = sizes(attributes, "dilations", {1, 1}),
                 pads = sizes(attributes, "pads", {0, 0, 0, 0});
  if (dilations != Integers{1, 1}) fail("dilations [{}]; only 1 is supported", fmt::join(dilations, ", "));
  graph::Window window{.kernel_h = extent(kernel[0], "kernel"),
                       .kernel_w = extent(kernel[1], "kernel"),
                       .stride_h = extent(strides[0], "stride"),
                       .stride_w = extent(strides[1], "stride"),
                       .pad_top = extent(pads[0], "padding"),
                       .pad_left = extent(pads[1], "padding"),
                       .pad_bottom = extent(pads[2], "padding"),
                       .pad_right = extent(pads[3], "padding")};
  const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    const bool upper = auto_pad == "SAME_UPPER";
    std::tie(window.pad_top, window.pad_bottom) =
        same_padding(in[1], window.kernel_h, window.stride_h, upper);
    std::tie(window.pad_left, window.pad_right) =
        same_padding(in[2], window.kernel_w, window.stride_w, upper);
  } else if (auto_pad != "NOTSET" && auto_pad != "VALID") {
    fail("auto_pad '{}' is unknown", auto_pad);
  }
  return window;
}

void import_conv(const Source& source) {
  const TensorIndex in = source.activation(0);
  const OnnxConstant& weights = source.constant(1);
  const Shape& in_shape = source.to.map_shape(in);
  if (weights.shape.size() != 4) fail("its weight has {} dimensions, not 4", weights.shape.size());
  const std::int64_t groups = source.attributes.integer("group", 1);
  const bool depthwise = groups != 1 && groups == in_shape[3] && weights.shape[0] == groups;
  if (groups != 1 && !depthwise)
    fail("group is {}; supported are 1 and the number of channels ({}), with as many outputs", groups,
         in_shape[3]);
  const graph::Conv conv{.window = window_of(source.attributes, weights.shape[2], weights.shape[3], in_shape),
                         .depthwise = depthwise,
                         .fused_relu = false};
  std::vector<TensorIndex> inputs{in,
                                  source.to.weight(weights, weights.shape, Layout::kOihw, weights.floats())};
  if (source.has_input(2)) inputs.push_back(source.to.vector(source.constant(2)));
  source.add(conv, std::move(inputs));
}

void import_batch_normalization(const Source& source) {
  if (source.attributes.integer("training_mode", 0) != 0) fail("it is in training mode");
  if (source.attributes.integer("spatial", 1) != 1) fail("spatial = 0 is not supported");
  std::vector<TensorIndex> inputs{source.activation(0)};
  for (int i = 1; i < 5; ++i) inputs.push_back(source.to.vector(source.constant(i)));
  // The decimal that was meant, 1e-05, not the float beside it.
  const double epsilon = std::stod(fmt::format("{}", source.attributes.real("epsilon", 1e-5f)));
  source.add(graph::BatchNormalization{epsilon}, std::move(inputs));
}

// Attributes before opset 11, inputs since.
float bound(const Source& source, int i, const char* attribute, float absent) {
  if (source.to.opset() < 11) return source.attributes.real(attribute, absent);
  if (!source.has_input(i)) return absent;
  const std::vector<float>& values = source.constant(i).floats();
  if (values.size() != 1) fail("its {} has {} values", attribute, values.size());
  return values[0];
}

void import_clip(const Source& source) {
  const float low = bound(source, 1, "min", std::numeric_limits<float>::lowest());
  const float high = bound(source, 2, "max", std::numeric_limits<float>::max());
  source.add(graph::Clip{low, high}, {source.activation(0)});
}

void import_relu(const Source& source) { source.add(graph::Relu{}, {source.activation(0)}); }

void import_add(const Source& source) {
  for (const int i : {0, 1}) {
    if (const OnnxConstant* bias = source.to.find_constant(source.node, i))
      return source.to.add_biased(source.node, source.name, 1 - i, *bias);
  }
  source.add(graph::Add{}, {source.activation(0), source.activation(1)});
}

void import_global_average_pool(const Source& source) {
  source.add(graph::GlobalAveragePool{}, {source.activation(0)});
}

void import_average_pool(const Source& source) {
  const TensorIndex in = source.activation(0);
  const Shape& shape = source.to.map_shape(in);
  graph::Window window = window_of(source.attributes, 0, 0, shape);
  window.stride_h = window.stride_w = 1;  // one position only
  if (window != graph::Window{.kernel_h = static_cast<int>(shape[1]), .kernel_w = static_cast<int>(shape[2])})
    fail("it averages {}x{} of {}x{} pixels; only the whole map without padding is supported",
         window.kernel_h, window.kernel_w, shape[1], shape[2]);
  source.add(graph::GlobalAveragePool{}, {in});
}

// Of a map; an attribute before opset `since`, an input from then on.
Integers axes_of(const Source& source, int since) {
  Integers axes = source.attributes.integers("axes", {});
  if (source.to.opset() >= since && source.has_input(1)) axes = source.constant(1).integers();
  for (std::int64_t& axis : axes) axis = axis < 0 && axis >= -4 ? axis + 4 : axis;
  std::ranges::sort(axes);
  return axes;
}

void check_rows_and_columns(const Integers& axes) {
  if (axes != Integers{2, 3})
    fail("axes [{}]; only rows and columns (2, 3) are supported", fmt::join(axes, ", "));
}

void import_reduce_mean(const Source& source) {
  check_rows_and_columns(axes_of(source, 18));
  const TensorIndex in = source.activation(0);
  if (source.attributes.integer("keepdims", 1) != 0) return source.add(graph::GlobalAveragePool{}, {in});
  source.add(graph::Flatten{},
             {source.to.add_hidden(source.name + ".pool", graph::GlobalAveragePool{}, {in})});
}

// [batch, features] of a map of one pixel, or of features.
void flatten(const Source& source) {
  const TensorIndex in = source.activation(0);
  if (source.to.graph().tensor(in).layout == Layout::kNc) return source.to.define(source.node, in);
  source.add(graph::Flatten{}, {in});
}

void import_flatten(const Source& source) {
  const std::int64_t axis = source.attributes.integer("axis", 1);
  if (axis != 1 && axis != -3) fail("axis {}; only 1 is supported", axis);
  flatten(source);
}

void import_squeeze(const Source& source) {
  check_rows_and_columns(axes_of(source, 13));
  flatten(source);
}

void import_transpose(const Source& source) {
  if (!source.to.makes_input_nchw(source.node))
    fail("perm [{}]; only one that makes an NHWC input NCHW is supported",
         fmt::join(source.attributes.integers("perm", {}), ", "));
  source.to.alias(source.node);
}

void import_reshape(const Source& source) {
  if (source.to.makes_input_nchw(source.node)) return source.to.alias(source.node);
  const Integers& target = source.constant(1).integers();
  const std::int64_t features =
      graph::element_count(source.to.graph().tensor(source.activation(0)).shape);  // the batch size is 1
  // The batch size is 1, 0 (as it was) or -1 (what remains), the features may be -1 instead.
  const bool flattens = target.size() == 2 && target[0] >= -1 && target[0] <= 1 &&
                        (target[1] == features || (target[1] == -1 && target[0] != -1));
  if (!flattens) fail("to [{}]; only to [batch, {}] is supported", fmt::join(target, ", "), features);
  flatten(source);
}

// A Gemm without bias; the weight is [out, in] when `transposed`, else [in, out].
void add_product(const Source& source, bool transposed, float factor) {
  const OnnxConstant& matrix = source.constant(1);
  if (matrix.shape.size() != 2) fail("its weight has {} dimensions, not 2", matrix.shape.size());
  const auto rows = static_cast<std::size_t>(matrix.shape[0]),
             columns = static_cast<std::size_t>(matrix.shape[1]);
  const std::size_t out = transposed ? rows : columns, in = transposed ? columns : rows;
  const std::vector<float>& values = matrix.floats();
  std::vector<float> weights(values.size());
  for (std::size_t o = 0; o < out; ++o)
    for (std::size_t i = 0; i < in; ++i)
      weights[o * in + i] = factor * values[transposed ? o * in + i : i * out + o];
  const Shape shape{static_cast<std::int64_t>(out), static_cast<std::int64_t>(in)};
  source.add(graph::Gemm{},
             {source.activation(0), source.to.weight(matrix, shape, Layout::kOi, std::move(weights))});
}

void import_gemm(const Source& source) {
  if (source.attributes.integer("transA", 0) != 0) fail("transA is not supported");
  const OnnxConstant* bias = source.has_input(2) ? &source.constant(2) : nullptr;
  add_product(source, source.attributes.integer("transB", 0) != 0, source.attributes.real("alpha", 1));
  if (bias != nullptr) source.to.give_last_bias(source.to.vector(*bias, source.attributes.real("beta", 1)));
}

void import_mat_mul(const Source& source) { add_product(source, false, 1); }

void import_identity(const Source& source) {
  if (const OnnxConstant* value = source.to.find_constant(source.node, 0))
    return source.to.define(source.node, *value);
  source.to.alias(source.node);
}

void import_dropout(const Source& source) {
  if (source.has_input(2) && source.constant(2).integers() != Integers{0}) fail("it is in training mode");
  source.to.alias(source.node);
}

// At the end of a network: the order of the scores, and so the class, is what it was before.
void leave_out(const Source& source) {
  const std::int64_t absent = source.node.op_type() == "ArgMax" ? 0 : source.to.opset() < 13 ? 1 : -1;
  const std::int64_t axis = source.attributes.integer("axis", absent);
  const TensorIndex in = source.to.leave_out(source.node, source.name);
  const bool of_features = source.to.graph().tensor(in).layout == Layout::kNc;
  if (axis != 1 && !(axis == -1 && of_features)) fail("axis {}; only the classes' (1) is supported", axis);
}

void import_constant(const Source& source) { source.to.define(source.node, source.attributes.constant()); }

// What follows computes the integers of Reshape's shape; the batch size is 1.

void define_integers(const Source& source, Shape shape, Integers values) {
  constexpr std::size_t kMaxCount = 64;
  if (values.size() > kMaxCount) fail("more than {} integers", kMaxCount);
  source.to.define(source.node, OnnxConstant{"", std::move(shape), std::move(values)});
}

void import_shape(const Source& source) {
  if (source.attributes.has("start") || source.attributes.has("end")) fail("start and end are not supported");
  const graph::Tensor& tensor = source.to.graph().tensor(source.activation(0));
  Shape shape = tensor.shape;
  if (tensor.layout == Layout::kNhwc) shape = {shape[0], shape[3], shape[1], shape[2]};
  define_integers(source, {std::ssize(shape)}, shape);
}

void import_gather(const Source& source) {
  const Integers& values = source.constant(0).integers();
  const OnnxConstant& indices = source.constant(1);
  if (source.attributes.integer("axis", 0) != 0) fail("only axis 0 is supported");
  Integers gathered;
  for (const std::int64_t i : indices.integers()) {
    const std::int64_t at = i < 0 ? i + std::ssize(values) : i;
    if (at < 0 || at >= std::ssize(values)) fail("index {} of {} values", i, values.size());
    gathered.push_back(values[static_cast<std::size_t>(at)]);
  }
  define_integers(source, indices.shape, std::move(gathered));
}

void import_unsqueeze(const Source& source) {
  const Integers& values = source.constant(0).integers();
  if (values.size() != 1) fail("only of one number");
  define_integers(source, {1}, values);
}

void import_concat(const Source& source) {
  Integers values;
  for (int i = 0; i < source.node.input_size(); ++i) {
    const Integers& part = source.constant(i).integers();
    values.insert(values.end(), part.begin(), part.end());
  }
  define_integers(source, {std::ssize(values)}, values);
}

struct Importer {
  const char* type;
  void (*import)(const Source&);
};
constexpr Importer kImporters[] = {{"Conv", import_conv},
                                   {"BatchNormalization", import_batch_normalization},
                                   {"Clip", import_clip},
                                   {"Relu", import_relu},
                                   {"Add", import_add},
                                   {"GlobalAveragePool", import_global_average_pool},
                                   {"AveragePool", import_average_pool},
                                   {"ReduceMean", import_reduce_mean},
                                   {"Flatten", import_flatten},
                                   {"Reshape", import_reshape},
                                   {"Gemm", import_gemm},
                                   {"MatMul", import_mat_mul},
                                   {"Squeeze", import_squeeze},
                                   {"Transpose", import_transpose},
                                   {"Dropout", import_dropout},
                                   {"Softmax", leave_out},
                                   {"LogSoftmax", leave_out},
                                   {"ArgMax", leave_out},
                                   {"Identity", import_identity},
                                   {"Constant", import_constant},
                                   {"Shape", import_shape},
                                   {"Gather", import_gather},
                                   {"Unsqueeze", import_unsqueeze},
                                   {"Concat", import_concat}};

// nullptr: unknown.
const Importer* importer_of(const onnx::NodeProto& node) {
  const auto* importer = std::ranges::find(kImporters, node.op_type(), &Importer::type);
  const bool is_standard = node.domain().empty() || node.domain() == "ai.onnx";
  return importer == std::end(kImporters) || !is_standard ? nullptr : importer;
}

}  // namespace

void check_operations(const onnx::GraphProto& source) {
  OperationCounts unknown;
  for (const onnx::NodeProto& node : source.node())
    if (importer_of(node) == nullptr)
      unknown.add(node.domain().empty() ? node.op_type() : node.domain() + "." + node.op_type());
  unknown.refuse(kImporters, &Importer::type);
}

void import_node(OnnxImport& import, const onnx::NodeProto& node, const std::string& name) {
  importer_of(node)->import(Source{import, node, name});
}

}  // namespace mudra::format
