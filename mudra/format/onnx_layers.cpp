#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "mudra/base/error.hpp"
#include "mudra/format/onnx_nodes.hpp"
#include "mudra/graph/operations.hpp"

namespace mudra::format {
namespace {

using graph::Layout;
using graph::Shape;
using graph::TensorIndex;

// Attributes before opset 11, inputs since.
float bound(const Source& source, int i, const char* attribute, float absent) {
  if (source.to.opset() < 11) return source.attributes.real(attribute, absent);
  if (!source.has_input(i)) return absent;
  const std::vector<float>& values = source.constant(i).floats();
  if (values.size() != 1) fail("its {} has {} values", attribute, values.size());
  return values[0];
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

// One value for each of the channels of `like`, from as many or from one, whatever sizes of 1 are around
// them.
std::vector<float> per_channel(const Source& source, const OnnxConstant& constant, TensorIndex like) {
  const graph::Tensor& tensor = source.to.graph().tensor(like);
  const auto channels = static_cast<std::size_t>(tensor.shape.back());
  std::vector<float> values = constant.floats();
  if (values.size() == 1) values.assign(channels, values[0]);
  // ONNX aligns sizes at the last axis: of a map the channels are the third from there.
  const std::size_t axis = tensor.layout == Layout::kNhwc ? 3 : 1;
  const bool is_of_channels =
      constant.size() == 1 ||
      (constant.shape.size() >= axis && constant.shape[constant.shape.size() - axis] == std::ssize(values));
  if (values.size() != channels || !is_of_channels)
    fail("a constant of shape [{}] for {} channels; one value or one for each channel is supported",
         fmt::join(constant.shape, ", "), channels);
  return values;
}

// x * scale + shift for each channel: a normalisation, to be folded like one.
void add_affine(const Source& source, TensorIndex in, std::vector<float> scale, std::vector<float> shift) {
  const std::size_t channels = scale.size();
  const auto vector = [&](const char* role, std::vector<float> values) {
    return source.to.vector({source.name + role, {std::ssize(values)}, std::move(values)});
  };
  const TensorIndex scales = vector(".scale", std::move(scale)), shifts = vector(".shift", std::move(shift)),
                    means = vector(".mean", std::vector<float>(channels, 0)),
                    variances = vector(".variance", std::vector<float>(channels, 1));
  source.add(graph::BatchNormalization{0}, {in, scales, shifts, means, variances});
}

// The constant operand of a node of two, and which it is; nullptr: both are computed.
std::pair<const OnnxConstant*, int> constant_operand(const Source& source) {
  for (const int i : {1, 0})
    if (const OnnxConstant* constant = source.to.find_constant(source.node, i)) return {constant, i};
  return {nullptr, 0};
}

}  // namespace

void import_batch_normalization(const Source& source) {
  if (source.attributes.integer("training_mode", 0) != 0) fail("it is in training mode");
  if (source.attributes.integer("spatial", 1) != 1) fail("spatial = 0 is not supported");
  std::vector<TensorIndex> inputs{source.activation(0)};
  for (int i = 1; i < 5; ++i) inputs.push_back(source.to.vector(source.constant(i)));
  // The decimal that was meant, 1e-05, not the float beside it.
  const double epsilon = std::stod(fmt::format("{}", source.attributes.real("epsilon", 1e-5f)));
  source.add(graph::BatchNormalization{epsilon}, std::move(inputs));
}

void import_clip(const Source& source) {
  const float low = bound(source, 1, "min", std::numeric_limits<float>::lowest());
  const float high = bound(source, 2, "max", std::numeric_limits<float>::max());
  source.add(graph::Clip{low, high}, {source.activation(0)});
}

void import_relu(const Source& source) { source.add(graph::Relu{}, {source.activation(0)}); }

void import_activation(const Source& source) {
  graph::Activation activation = graph::default_activation(*graph::function_called(source.node.op_type()));
  if (graph::has_alpha(activation.function))
    activation.alpha = source.attributes.real("alpha", activation.alpha);
  if (graph::has_beta(activation.function)) activation.beta = source.attributes.real("beta", activation.beta);
  source.add(activation, {source.activation(0)});
}

void import_prelu(const Source& source) {
  const TensorIndex in = source.activation(0);
  const OnnxConstant& slope = source.constant(1);
  if (slope.size() == 1)
    return source.add(graph::Activation{graph::Function::kLeakyRelu, slope.floats()[0]}, {in});
  std::vector<float> slopes = per_channel(source, slope, in);
  const Shape shape{std::ssize(slopes)};
  source.add(graph::PRelu{}, {in, source.to.weight(slope, shape, Layout::kVector, std::move(slopes))});
}

void import_add(const Source& source) {
  const auto [constant, i] = constant_operand(source);
  if (constant == nullptr) return source.add(graph::Add{}, {source.activation(0), source.activation(1)});
  if (source.to.is_bare_gemm(source.node, 1 - i))
    return source.to.add_biased(source.node, source.name, 1 - i, *constant);
  const TensorIndex in = source.activation(1 - i);
  std::vector<float> shift = per_channel(source, *constant, in);
  const std::size_t channels = shift.size();
  add_affine(source, in, std::vector<float>(channels, 1), std::move(shift));
}

void import_sub(const Source& source) {
  const auto [constant, i] = constant_operand(source);
  if (constant == nullptr) fail("both of its operands are computed; only a constant can be subtracted");
  const TensorIndex in = source.activation(1 - i);
  std::vector<float> shift = per_channel(source, *constant, in);
  const std::size_t channels = shift.size();
  if (i == 1) std::ranges::transform(shift, shift.begin(), std::negate<>());
  add_affine(source, in, std::vector<float>(channels, i == 1 ? 1.0f : -1.0f), std::move(shift));
}

void import_mul(const Source& source) {
  const auto [constant, i] = constant_operand(source);
  if (constant != nullptr) {
    const TensorIndex in = source.activation(1 - i);
    std::vector<float> scale = per_channel(source, *constant, in);
    const std::size_t channels = scale.size();
    return add_affine(source, in, std::move(scale), std::vector<float>(channels, 0));
  }
  TensorIndex map = source.activation(0), factor = source.activation(1);
  const auto size = [&](TensorIndex tensor) {
    return graph::element_count(source.to.graph().tensor(tensor).shape);
  };
  if (size(map) < size(factor)) std::swap(map, factor);
  source.add(graph::Mul{}, {map, factor});
}

void import_div(const Source& source) {
  const OnnxConstant* divisor = source.to.find_constant(source.node, 1);
  if (divisor == nullptr) fail("its divisor is computed; only division by a constant is supported");
  const TensorIndex in = source.activation(0);
  std::vector<float> scale = per_channel(source, *divisor, in);
  const std::size_t channels = scale.size();
  std::ranges::transform(scale, scale.begin(), [](float value) { return 1 / value; });
  add_affine(source, in, std::move(scale), std::vector<float>(channels, 0));
}

void import_gemm(const Source& source) {
  if (source.attributes.integer("transA", 0) != 0) fail("transA is not supported");
  const OnnxConstant* bias = source.has_input(2) ? &source.constant(2) : nullptr;
  add_product(source, source.attributes.integer("transB", 0) != 0, source.attributes.real("alpha", 1));
  if (bias != nullptr) source.to.give_last_bias(source.to.vector(*bias, source.attributes.real("beta", 1)));
}

void import_mat_mul(const Source& source) { add_product(source, false, 1); }

}  // namespace mudra::format
