#include "mudra/device/node_reader.hpp"

#include <algorithm>
#include <string_view>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"

namespace mudra::device {
namespace {

using Kind = Operation::Kind;

constexpr int kTableEntries = 256;

DataType data_type_of(Width width) { return width == Width::kInt8 ? DataType::kInt8 : DataType::kInt16; }

std::int64_t element_count(const Dimensions& dimensions) {
  std::int64_t count = dimensions.rank < 0 ? 0 : 1;
  for (int i = 0; i < dimensions.rank; ++i) {
    if (dimensions.size[i] < 1 || dimensions.size[i] > kMaxElements) return 0;
    count *= dimensions.size[i];
    if (count > kMaxElements) return 0;
  }
  return count;
}

// Each step returns the first thing that is wrong.
class NodeReader {
 public:
  NodeReader(ModelView& view, const NodeView& node, const Value& input, const Value* second, Value& output,
             Operation& operation)
      : view_(view), node_(node), input_(input), second_(second), output_(output), operation_(operation) {}

  Status read() {
    output_.height = input_.height;
    output_.width = input_.width;
    output_.channels = input_.channels;
    output_.turned = input_.turned;
    output_.range = range_of(output_.type);
    operation_.in = input_.type;
    operation_.out = output_.type;
    operation_.in_exponent = input_.exponent;
    operation_.out_exponent = output_.exponent;
    operation_.in_height = input_.height;
    operation_.in_width = input_.width;
    operation_.in_channels = input_.channels;
    operation_.in_range = input_.range;
    operation_.out_range = output_.range;
    const Status status = read_kind();
    operation_.out_height = output_.height;
    operation_.out_width = output_.width;
    operation_.out_channels = output_.channels;
    operation_.out_step = static_cast<std::uint16_t>(out_pixel_bytes(operation_));
    return status;
  }

 private:
  Status read_kind();
  Status read_convolution();
  Status read_fully_connected();
  Status read_layer();
  Status read_window();
  Status read_weights();
  Status read_bias(int exponent);
  Status read_max_pool();
  Status read_average_pool();
  Status read_global_average();
  Status take_average();
  Status read_clamp();
  Status read_bound(std::string_view name, std::int16_t& bound);
  Status read_table();
  Status read_conversion();
  Status read_add();
  Status read_multiply();
  Status read_other_operand();
  Status read_activation(Function function, float alpha, float beta);
  Status read_prelu();

  bool same_exponent() const { return input_.exponent == output_.exponent; }
  bool same_type() const { return input_.type == output_.type; }
  int shift_of(int sums_exponent) const { return output_.exponent - sums_exponent; }

  ModelView& view_;
  const NodeView& node_;
  const Value& input_;
  const Value* second_;
  Value& output_;
  Operation& operation_;
};

Status NodeReader::read_kind() {
  const std::string_view kind = node_.operation();
  if (kind == "Conv") return read_convolution();
  if (kind == "Gemm") return read_fully_connected();
  if (kind == "Clip" || kind == "Relu") return read_clamp();
  if (kind == "RequantizeLinear") return read_conversion();
  if (kind == "Add") return read_add();
  if (kind == "Mul") return read_multiply();
  if (kind == "MaxPool") return read_max_pool();
  if (kind == "AveragePool") return read_average_pool();
  if (kind == "GlobalAveragePool") return read_global_average();
  if (kind == "PRelu") return read_prelu();
  // Without attributes: what ESP-DL takes.
  if (kind == "LeakyRelu") return read_activation(Function::kLeakyRelu, 0.01f, 0);
  if (kind == "Elu") return read_activation(Function::kElu, 1, 0);
  if (kind == "Sigmoid") return read_activation(Function::kSigmoid, 0, 0);
  if (kind == "Tanh") return read_activation(Function::kTanh, 0, 0);
  if (kind == "HardSigmoid") return read_activation(Function::kHardSigmoid, 0.2f, 0.5f);
  if (kind == "HardSwish") return read_activation(Function::kHardSwish, 0, 0);
  if (kind == "Swish") return read_activation(Function::kSwish, 0, 0);
  if (kind == "Gelu" && input_.type == Width::kInt8) return read_table();
  return Status::kUnsupportedNode;
}

Status NodeReader::read_convolution() {
  if (input_.turned) return Status::kUnsupportedTopology;
  const Status status = read_window();
  if (status != Status::kOk) return status;
  const std::int64_t group = node_.integer_attribute("group", 1);
  operation_.convolution.depthwise = group != 1;
  if (group != 1 && group != input_.channels) return Status::kBadAttribute;
  return read_layer();
}

Status NodeReader::read_fully_connected() {
  if (node_.integer_attribute("transB", 0) != 0) return Status::kBadAttribute;
  if (input_.height != 1 || input_.width != 1) return Status::kBadShape;
  return read_layer();
}

Status NodeReader::read_layer() {
  operation_.kind = Kind::kConvolution;
  if (!same_type()) return Status::kBadType;
  const std::string_view activation = node_.text_attribute("activation");
  if (activation == "Relu")
    operation_.out_range.low = output_.range.low = 0;
  else if (!activation.empty() && activation != "Linear")
    return Status::kBadAttribute;
  const Status status = read_weights();
  if (status != Status::kOk) return status;
  operation_.out_channels = output_.channels;
  operation_.convolution.saturates = !sums_fit(operation_);
  return Status::kOk;
}

// The window, and with it the output's height and width.
Status NodeReader::read_window() {
  const bool pools = node_.operation() != "Conv";
  const flatbuffer::Vector kernel = node_.integers_attribute("kernel_shape"),
                           strides = node_.integers_attribute("strides"),
                           pads = node_.integers_attribute("pads"),
                           dilations = node_.integers_attribute("dilations");
  const auto given = [pools](const flatbuffer::Vector& values, int count) {
    return values.size() == count || (pools && values.size() == 0);  // of a pool they may be missing
  };
  if (kernel.size() != 2 || !given(strides, 2) || !given(pads, 4) || !given(dilations, 2))
    return Status::kBadAttribute;
  if (node_.integer_attribute("ceil_mode", 0) != 0) return Status::kBadAttribute;
  const auto number = [](const flatbuffer::Vector& values, int i, std::int64_t otherwise) {
    return values.size() == 0 ? otherwise : values.integer<std::int64_t>(i);
  };
  // side(axis): how many windows there are along it; 0 if an attribute is not supported.
  bool known = true, fits = true;
  const auto side = [&](int axis, int size, std::uint16_t& length, std::uint16_t& stride,
                        std::uint16_t& pad) {
    const std::int64_t most = pools ? kMaxSide : kMaxKernelSide, k = number(kernel, axis, 1),
                       s = number(strides, axis, 1), before = number(pads, axis, 0),
                       after = number(pads, axis + 2, 0);
    // A window always holds some of the picture.
    known &= k >= 1 && k <= most && s >= 1 && s <= kMaxSide && before >= 0 && before < k && after >= 0 &&
             after < k && number(dilations, axis, 1) == 1;
    if (!known) return std::uint16_t{0};
    length = static_cast<std::uint16_t>(k);
    stride = static_cast<std::uint16_t>(s);
    pad = static_cast<std::uint16_t>(before);
    const std::int64_t room = size + before + after - k;
    fits &= room >= 0 && room / s + 1 <= kMaxSide;
    return static_cast<std::uint16_t>(fits ? room / s + 1 : 0);
  };
  Window& window = operation_.window;
  output_.height = side(0, input_.height, window.kernel_h, window.stride_h, window.pad_top);
  output_.width = side(1, input_.width, window.kernel_w, window.stride_w, window.pad_left);
  // One window shares no rows with any other.
  if (pools && output_.height == 1) window.stride_h = std::max(window.stride_h, window.kernel_h);
  return !known ? Status::kBadAttribute : !fits ? Status::kBadShape : Status::kOk;
}

// The weights, and with them the output's channels.
Status NodeReader::read_weights() {
  Convolution& convolution = operation_.convolution;
  if (node_.input_count() < 2 || node_.input_count() > 3) return Status::kUnsupportedNode;
  const TensorView weights = view_.initializer(node_.input(1));
  if (!weights || weights.type != data_type_of(input_.type)) return Status::kBadWeights;
  const Dimensions& dimensions = weights.dimensions;
  const bool shaped = dimensions.rank == 4 && dimensions.size[0] == operation_.window.kernel_h &&
                      dimensions.size[1] == operation_.window.kernel_w &&
                      dimensions.size[2] == input_.channels &&
                      (convolution.depthwise ? dimensions.size[3] == 1
                                             : dimensions.size[3] >= 1 && dimensions.size[3] <= kMaxSide);
  if (!shaped) return Status::kBadShape;
  output_.channels = convolution.depthwise ? input_.channels : static_cast<std::uint16_t>(dimensions.size[3]);
  const std::uint64_t count = std::uint64_t{operation_.window.kernel_h} * operation_.window.kernel_w *
                              (convolution.depthwise ? 1 : input_.channels) * output_.channels;
  if (weights.data.size() < count * bytes_of(input_.type)) return Status::kBadWeights;
  convolution.weights = weights.data.data();
  const int exponent = input_.exponent + weights.exponent, shift = shift_of(exponent);
  if (shift < 0) return Status::kLeftShift;
  if (shift > kMaxShift) return Status::kBadExponent;
  convolution.shift = static_cast<std::uint8_t>(shift);
  return node_.input_count() == 2 ? Status::kOk : read_bias(exponent);
}

Status NodeReader::read_bias(int exponent) {
  Convolution& convolution = operation_.convolution;
  const TensorView bias = view_.initializer(node_.input(2));
  const bool typed = bias && (bias.type == DataType::kInt32 || bias.type == DataType::kInt64);
  if (!typed || bias.data.size() < std::uint64_t{output_.channels} * bytes_of(bias.type))
    return Status::kBadWeights;
  if (bias.exponent != exponent) return Status::kUnequalExponents;
  convolution.bias = bias.data.data();
  convolution.wide_bias = bias.type == DataType::kInt64;
  return Status::kOk;
}

Status NodeReader::read_max_pool() {
  operation_.kind = Kind::kMaxPool;
  if (input_.turned) return Status::kUnsupportedTopology;
  if (!same_type()) return Status::kBadType;
  if (!same_exponent()) return Status::kUnequalExponents;
  output_.range = operation_.out_range = input_.range;
  return read_window();
}

Status NodeReader::read_average_pool() {
  const Status status = read_window();
  return status == Status::kOk ? take_average() : status;
}

Status NodeReader::read_global_average() {
  operation_.window = {.kernel_h = input_.height,
                       .kernel_w = input_.width,
                       .stride_h = input_.height,
                       .stride_w = input_.width};
  output_.height = output_.width = 1;
  return take_average();
}

Status NodeReader::take_average() {
  operation_.kind = Kind::kAveragePool;
  if (input_.turned) return Status::kUnsupportedTopology;
  if (operation_.window.kernel_h * operation_.window.kernel_w > kMaxPoolArea) return Status::kBadShape;
  if (!same_type()) return Status::kBadType;
  const int shift = shift_of(input_.exponent);
  if (shift < -kMaxAverageShift || shift > kMaxAverageShift) return Status::kBadExponent;
  operation_.shift = static_cast<std::int16_t>(shift);
  return Status::kOk;
}

// The vendor's runtime runs an int8 Clip or Relu that has a table (entry q + 128 for q) by that table; where
// the exponents are equal it has to say what the node says. Tables of int16 nodes are not used by anyone.
Status NodeReader::read_clamp() {
  operation_.kind = Kind::kClamp;
  if (!same_type()) return Status::kBadType;
  Range range = range_of(input_.type);
  Status status = Status::kOk;
  if (node_.operation() == "Relu") {
    range.low = 0;
  } else {
    if (node_.input_count() != 3) return Status::kUnsupportedNode;
    status = read_bound(node_.input(1), range.low);
    if (status == Status::kOk) status = read_bound(node_.input(2), range.high);
    range.low = std::min(range.low, range.high);  // min(max(x, low), high) where low is above high
  }
  if (status != Status::kOk) return status;
  const bool by_table = input_.type == Width::kInt8 && node_.has_attribute("lut");
  if (!same_exponent()) return by_table ? read_table() : Status::kUnequalExponents;
  if (by_table) {
    status = read_table();
    if (status != Status::kOk) return Status::kBadTable;
    const auto* table = static_cast<const std::int8_t*>(operation_.constant);
    for (int q = -128; q < 128; ++q)
      if (table[q + 128] != std::clamp<int>(q, range.low, range.high)) return Status::kBadTable;
    operation_.kind = Kind::kClamp;
  }
  operation_.out_range = range;
  output_.range.low = std::clamp(input_.range.low, range.low, range.high);
  output_.range.high = std::clamp(input_.range.high, range.low, range.high);
  return Status::kOk;
}

// A scalar of the activation's own type and exponent. December 2024 stored it as int32.
Status NodeReader::read_bound(std::string_view name, std::int16_t& bound) {
  const TensorView scalar = view_.initializer(name);
  if (!scalar || scalar.data.size() < bytes_of(scalar.type)) return Status::kBadWeights;
  if (scalar.exponent != input_.exponent) return Status::kUnequalExponents;
  std::uint32_t bits = 0;
  const auto bytes = static_cast<int>(bytes_of(scalar.type));
  for (int i = 0; i < bytes && i < 4; ++i) bits |= std::uint32_t{scalar.data[i]} << (8 * i);
  std::int32_t value = 0;
  switch (scalar.type) {
    case DataType::kInt8:
      value = static_cast<std::int8_t>(bits);
      break;
    case DataType::kInt16:
      value = static_cast<std::int16_t>(bits);
      break;
    case DataType::kInt32:
      value = static_cast<std::int32_t>(bits);
      break;
    default:
      return Status::kBadWeights;
  }
  const Range range = range_of(input_.type);
  if (value < range.low || value > range.high) return Status::kBadWeights;
  bound = static_cast<std::int16_t>(value);
  return Status::kOk;
}

Status NodeReader::read_table() {
  operation_.kind = Kind::kTable;
  if (!same_type()) return Status::kBadType;
  const TensorView table = view_.initializer(node_.text_attribute("lut"));
  if (!table || table.type != DataType::kInt8 || table.data.size() < kTableEntries) return Status::kBadTable;
  if (table.exponent != output_.exponent) return Status::kUnequalExponents;
  operation_.constant = table.data.data();
  const auto* entries = static_cast<const std::int8_t*>(operation_.constant);
  const auto [least, most] =
      std::minmax_element(entries + 128 + input_.range.low, entries + 128 + input_.range.high + 1);
  output_.range = operation_.out_range = {*least, *most};
  return Status::kOk;
}

Status NodeReader::read_conversion() {
  operation_.kind = Kind::kConvert;
  operation_.shift = static_cast<std::int16_t>(shift_of(input_.exponent));
  return Status::kOk;
}

// The other operand of an Add or a Mul: an activation, or a constant of one element or one per channel.
Status NodeReader::read_other_operand() {
  if (node_.input_count() != 2) return Status::kUnsupportedNode;
  if (!same_type()) return Status::kBadType;
  if (second_ != nullptr) {
    operation_.second_width = second_->type;
    if (second_->turned != input_.turned && !(second_->is_line() && input_.is_line()))
      return Status::kUnsupportedTopology;
    if (same_shape(*second_, input_)) return Status::kOk;
    operation_.second = Operation::Second::kPixel;
    const bool fits = second_->height == 1 && second_->width == 1 && second_->channels == input_.channels;
    return fits && operation_.kind == Kind::kMultiply ? Status::kOk : Status::kBadShape;
  }
  operation_.second_width = input_.type;
  TensorView constant = view_.initializer(node_.input(0));
  if (!constant) constant = view_.initializer(node_.input(1));
  const std::int64_t count = element_count(constant.dimensions);
  if (!constant || constant.type != data_type_of(input_.type) ||
      constant.data.size() < static_cast<std::uint64_t>(count) * bytes_of(constant.type))
    return Status::kBadWeights;
  if (count != 1 && count != input_.channels) return Status::kBadShape;
  operation_.second = count == 1 ? Operation::Second::kScalar : Operation::Second::kPixel;
  operation_.constant = constant.data.data();
  operation_.shift = static_cast<std::int16_t>(constant.exponent);  // its reader makes a shift of it
  return Status::kOk;
}

Status NodeReader::read_add() {
  operation_.kind = Kind::kAdd;
  const Status status = read_other_operand();
  if (status != Status::kOk) return status;
  const bool constant = operation_.constant != nullptr;
  const int exponent = constant ? operation_.shift : second_->exponent;
  operation_.shift = 0;
  if (!constant && second_->type != output_.type) return Status::kBadType;
  if (!same_exponent() || exponent != output_.exponent) return Status::kUnequalExponents;
  return Status::kOk;
}

Status NodeReader::read_multiply() {
  operation_.kind = Kind::kMultiply;
  const Status status = read_other_operand();
  if (status != Status::kOk) return status;
  const int exponent = operation_.constant != nullptr ? operation_.shift : second_->exponent;
  if (second_ != nullptr && second_->type != output_.type) return Status::kBadType;
  const int shift = shift_of(input_.exponent + exponent);
  if (shift < 0) return Status::kLeftShift;
  if (shift > kMaxShift) return Status::kBadExponent;
  operation_.shift = static_cast<std::int16_t>(shift);
  return Status::kOk;
}

Status NodeReader::read_activation(Function function, float alpha, float beta) {
  if (!same_type()) return Status::kBadType;
  if (input_.type == Width::kInt8 && node_.has_attribute("lut")) return read_table();
  operation_.kind = Kind::kActivation;
  operation_.activation = {function, node_.float_attribute("alpha", alpha),
                           node_.float_attribute("beta", beta)};
  const auto finite = [](float x) { return x - x == 0; };
  return finite(operation_.activation.alpha) && finite(operation_.activation.beta) ? Status::kOk
                                                                                   : Status::kBadAttribute;
}

Status NodeReader::read_prelu() {
  operation_.kind = Kind::kPRelu;
  if (!same_type()) return Status::kBadType;
  if (node_.input_count() != 2) return Status::kUnsupportedNode;
  if (input_.type == Width::kInt8 && node_.has_attribute("lut")) return read_table();
  const TensorView slopes = view_.initializer(node_.input(1));
  const std::int64_t count = element_count(slopes.dimensions);
  if (!slopes || slopes.type != data_type_of(input_.type) ||
      slopes.data.size() < static_cast<std::uint64_t>(count) * bytes_of(slopes.type))
    return Status::kBadWeights;
  if (count != 1 && count != input_.channels) return Status::kBadShape;
  operation_.second = count == 1 ? Operation::Second::kScalar : Operation::Second::kPixel;
  operation_.constant = slopes.data.data();
  const int shift = shift_of(input_.exponent + slopes.exponent);
  if (shift < 0) return Status::kLeftShift;
  if (shift > kMaxShift) return Status::kBadExponent;
  operation_.shift = static_cast<std::int16_t>(shift);
  return Status::kOk;
}

}  // namespace

bool same_shape(const Value& a, const Value& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

Status read_operation(ModelView& view, const NodeView& node, const Value& input, const Value* second,
                      Value& output, Operation& operation) {
  return NodeReader(view, node, input, second, output, operation).read();
}

}  // namespace mudra::device
