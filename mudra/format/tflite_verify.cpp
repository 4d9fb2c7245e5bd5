#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "mudra/base/error.hpp"
#include "mudra/format/tflite.hpp"
#include "mudra/graph/shape_inference.hpp"

namespace mudra::format {
namespace {

using graph::Type;
using Sizes = std::vector<int>;

constexpr int kMaxStride = 4096;
// Of the constants of all operators together, one counted as often as it is used.
constexpr std::size_t kMaxConstantValues = std::size_t{1} << 26;

std::size_t element_count(const Sizes& shape) {
  std::size_t count = 1;
  for (const int size : shape) count *= static_cast<std::size_t>(size);
  return count;
}

void check_tensor(const TfliteTensor& tensor) {
  graph::check_shape({tensor.shape.begin(), tensor.shape.end()});
  if (tensor.type != Type::kFloat32 && tensor.type != Type::kInt8 && tensor.type != Type::kInt32)
    fail("it is {}; supported are float32, int8 and int32", name_of(tensor.type));
  if (tensor.values) {
    const std::size_t count = std::visit([](const auto& values) { return values.size(); }, *tensor.values);
    if (tensor.values->index() != static_cast<std::size_t>(tensor.type) ||
        count != element_count(tensor.shape))
      fail("its {} values do not fit {} [{}]", count, name_of(tensor.type), fmt::join(tensor.shape, ", "));
  }
  const TfliteQuantization& quantization = tensor.quantization;
  if (quantization.scales.size() != quantization.zero_points.size())
    fail("{} scales but {} zero points", quantization.scales.size(), quantization.zero_points.size());
  for (const float scale : quantization.scales)
    if (!(std::isnormal(scale) && scale > 0)) fail("a scale of {}", scale);
}

int slid(int side, int kernel, int stride, TflitePadding padding) {
  if (padding == TflitePadding::kSame) return (side + stride - 1) / stride;
  if (kernel > side) fail("a window of {} does not fit into {}", kernel, side);
  return (side - kernel) / stride + 1;
}

// One operator with its tensors, and what they must be.
class OperatorCheck {
 public:
  OperatorCheck(const TfliteModel& model, const TfliteOperator& checked) : model_(model), checked_(checked) {}

  void operator()(const TfliteConv2d& conv) const {
    expect_inputs(3);
    check_sliding(conv.sliding);
    const Sizes &in = map(), &weight = constant(1, 4).shape;
    if (weight[3] != in[3]) fail("the weight takes {} channels, the input has {}", weight[3], in[3]);
    check_weights(weight[0], 0, Scales::kPerChannel);
    check_output({1, slid(in[1], weight[1], conv.sliding.stride_h, conv.sliding.padding),
                  slid(in[2], weight[2], conv.sliding.stride_w, conv.sliding.padding), weight[0]});
  }
  void operator()(const TfliteDepthwiseConv2d& conv) const {
    expect_inputs(3);
    check_sliding(conv.sliding);
    const Sizes &in = map(), &weight = constant(1, 4).shape;
    if (weight[0] != 1 || weight[3] != in[3])
      fail("a weight [{}] for {} channels", fmt::join(weight, ", "), in[3]);
    check_weights(weight[3], 3, Scales::kPerChannel);
    check_output({1, slid(in[1], weight[1], conv.sliding.stride_h, conv.sliding.padding),
                  slid(in[2], weight[2], conv.sliding.stride_w, conv.sliding.padding), weight[3]});
  }
  void operator()(const TflitePad&) const {
    expect_inputs(2);
    const TfliteTensor& padding = constant(1, 2);
    if (padding.type != Type::kInt32 || padding.shape != Sizes{4, 2}) fail("its padding is not int32 [4, 2]");
    const auto& pads = std::get<std::vector<std::int32_t>>(*padding.values);
    Sizes out = map();
    for (std::size_t axis = 0; axis < 4; ++axis) {
      const std::int32_t before = pads[2 * axis], behind = pads[2 * axis + 1];
      const int most = axis == 1 || axis == 2 ? graph::kMaxPadding : 0;
      if (before < 0 || before > most || behind < 0 || behind > most)
        fail("it pads axis {} by {} and {}", axis, before, behind);
      out[axis] += before + behind;
    }
    check_output(out);
    check_same_quantization();
  }
  void operator()(const TfliteAdd&) const {
    expect_inputs(2);
    if (input(0).shape != input(1).shape)
      fail("it adds [{}] and [{}]", fmt::join(input(0).shape, ", "), fmt::join(input(1).shape, ", "));
    check_activation(input(1));
    check_output(map());
  }
  void operator()(const TfliteAveragePool2d& pool) const { check_pool(pool.filter); }
  void operator()(const TfliteMaxPool2d& pool) const { check_pool(pool.filter); }
  void operator()(const TfliteTranspose&) const {
    expect_inputs(2);
    const Sizes& in = map();
    const TfliteTensor& axes = constant(1, 1);
    if (axes.type != Type::kInt32 || axes.shape != Sizes{4}) fail("its axes are not int32 [4]");
    const auto& order = std::get<std::vector<std::int32_t>>(*axes.values);
    constexpr std::int32_t kAxes[] = {0, 1, 2, 3};
    if (!std::ranges::is_permutation(order, kAxes) || order[0] != 0)
      fail("its axes [{}] do not only move rows, columns and channels", fmt::join(order, ", "));
    Sizes out;
    for (const std::int32_t axis : order) out.push_back(in[static_cast<std::size_t>(axis)]);
    check_output(out);
    check_same_quantization();
  }
  void operator()(const TfliteReshape&) const {
    const Sizes& in = map();
    check_output({1, in[1] * in[2] * in[3]});
    check_same_quantization();
  }
  void operator()(const TfliteFullyConnected&) const {
    expect_inputs(3);
    const Sizes &in = input(0).shape, &weight = constant(1, 2).shape;
    if (in.size() != 2 || in[0] != 1 || weight[1] != in[1])
      fail("a weight [{}] for an input [{}]", fmt::join(weight, ", "), fmt::join(in, ", "));
    check_weights(weight[0], 0, Scales::kPerTensor);
    check_output({1, weight[0]});
  }

 private:
  enum class Scales { kPerTensor, kPerChannel };

  const TfliteTensor& input(std::size_t i) const { return model_.tensor(checked_.inputs[i]); }
  bool is_int8() const { return model_.is_int8(); }

  void expect_inputs(std::size_t count) const {
    if (checked_.inputs.size() != count) fail("it has {} inputs, not {}", checked_.inputs.size(), count);
  }

  void check_activation(const TfliteTensor& tensor) const {
    if (tensor.type != (is_int8() ? Type::kInt8 : Type::kFloat32))
      fail("'{}' is {}; the network's input is {}", tensor.name, name_of(tensor.type),
           name_of(model_.tensor(model_.input).type));
    if (tensor.values) fail("'{}' is a constant", tensor.name);
    if (!is_int8()) return;
    const TfliteQuantization& quantization = tensor.quantization;
    if (quantization.scales.size() != 1 || quantization.zero_points[0] < -128 ||
        quantization.zero_points[0] > 127)
      fail("'{}' needs one scale and one zero point", tensor.name);
  }

  // The first input, [1, h, w, c].
  const Sizes& map() const {
    const Sizes& shape = input(0).shape;
    if (shape.size() != 4 || shape[0] != 1) fail("its input is [{}], no map", fmt::join(shape, ", "));
    return shape;
  }

  const TfliteTensor& constant(std::size_t i, std::size_t rank) const {
    if (!input(i).values) fail("'{}' is no constant", input(i).name);
    if (input(i).shape.size() != rank)
      fail("'{}' has {} dimensions, not {}", input(i).name, input(i).shape.size(), rank);
    return input(i);
  }

  void check_pool(const TfliteFilter& filter) const {
    expect_inputs(1);
    check_sliding(filter.sliding);
    if (std::min(filter.height, filter.width) < 1 || std::max(filter.height, filter.width) > kMaxStride)
      fail("a window of {}x{}", filter.height, filter.width);
    const Sizes& in = map();
    check_output({1, slid(in[1], filter.height, filter.sliding.stride_h, filter.sliding.padding),
                  slid(in[2], filter.width, filter.sliding.stride_w, filter.sliding.padding), in[3]});
    check_same_quantization();
  }

  static void check_sliding(const TfliteSliding& sliding) {
    for (const int stride : {sliding.stride_h, sliding.stride_w})
      if (stride < 1 || stride > kMaxStride) fail("a stride of {}", stride);
  }

  void check_weights(int channels, int axis, Scales scales) const {
    const TfliteTensor &weight = input(1), &bias = constant(2, 1);
    if (bias.shape[0] != channels)
      fail("'{}' has {} values for {} channels", bias.name, bias.shape[0], channels);
    const Type weight_type = is_int8() ? Type::kInt8 : Type::kFloat32,
               bias_type = is_int8() ? Type::kInt32 : Type::kFloat32;
    if (weight.type != weight_type || bias.type != bias_type)
      fail("weights are {} and {}, not {} and {}", name_of(weight.type), name_of(bias.type),
           name_of(weight_type), name_of(bias_type));
    if (!is_int8()) return;
    const auto count = static_cast<std::size_t>(scales == Scales::kPerChannel ? channels : 1);
    const TfliteQuantization& quantization = weight.quantization;
    if (quantization.scales.size() != count || (count > 1 && quantization.axis != axis))
      fail("'{}' has {} scales along axis {}, not {} along {}", weight.name, quantization.scales.size(),
           quantization.axis, count, axis);
    for (const std::int64_t zero_point : quantization.zero_points)
      if (zero_point != 0) fail("'{}' has a zero point of {}, not 0", weight.name, zero_point);
  }

  void check_output(const Sizes& shape) const {
    check_activation(input(0));
    const TfliteTensor& output = model_.tensor(checked_.output);
    check_activation(output);
    if (output.shape != shape)
      fail("it gives [{}], but '{}' is [{}]", fmt::join(shape, ", "), output.name,
           fmt::join(output.shape, ", "));
  }

  void check_same_quantization() const {
    if (input(0).quantization.scales != model_.tensor(checked_.output).quantization.scales ||
        input(0).quantization.zero_points != model_.tensor(checked_.output).quantization.zero_points)
      fail("its input and output are quantized differently");
  }

  const TfliteModel& model_;
  const TfliteOperator& checked_;
};

}  // namespace

const char* name_of(const TfliteOperation& operation) {
  static constexpr std::array kNames = {"CONV_2D",   "DEPTHWISE_CONV_2D", "PAD",
                                        "ADD",       "AVERAGE_POOL_2D",   "MAX_POOL_2D",
                                        "TRANSPOSE", "RESHAPE",           "FULLY_CONNECTED"};
  static_assert(kNames.size() == std::variant_size_v<TfliteOperation>);
  return kNames[operation.index()];
}

void verify(const TfliteModel& model) {
  std::vector<bool> ready;
  for (const TfliteTensor& tensor : model.tensors) {
    with_context(fmt::format("tensor '{}'", tensor.name), [&] { check_tensor(tensor); });
    ready.push_back(tensor.values.has_value());
  }
  const auto index = [&](int i) {
    if (i < 0 || static_cast<std::size_t>(i) >= ready.size()) fail("there is no tensor {}", i);
    return static_cast<std::size_t>(i);
  };
  if (ready[index(model.input)]) fail("the input is a constant");
  ready[index(model.input)] = true;
  std::size_t constant_values = 0;
  for (std::size_t i = 0; i < model.operators.size(); ++i) {
    const TfliteOperator& checked = model.operators[i];
    with_context(fmt::format("operator {} ({})", i, name_of(checked.operation)), [&] {
      if (checked.inputs.empty()) fail("it has no input");
      for (const int input : checked.inputs) {
        if (!ready[index(input)]) fail("it reads '{}' before it is written", model.tensor(input).name);
        if (model.tensor(input).values) constant_values += element_count(model.tensor(input).shape);
      }
      if (constant_values > kMaxConstantValues)
        fail("constants of more than {} values together", kMaxConstantValues);
      if (ready[index(checked.output)])
        fail("it writes '{}', which is there already", model.tensor(checked.output).name);
      std::visit(OperatorCheck(model, checked), checked.operation);
    });
    ready[index(checked.output)] = true;
  }
  if (!ready[index(model.output)]) fail("the output is never written");
  const int outputs = model.tensor(model.output).shape.empty() ? 0 : model.tensor(model.output).shape.back();
  if (!model.class_names.empty() && std::ssize(model.class_names) != outputs)
    fail("{} class names for {} outputs", model.class_names.size(), outputs);
}

void verify(const TfliteModel& model, std::string_view pass) {
  with_context(fmt::format("after {}", pass), [&] { verify(model); });
}

}  // namespace mudra::format
