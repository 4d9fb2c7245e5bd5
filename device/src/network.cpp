#include "mudra/device/network.hpp"

#include <algorithm>
#include <limits>

#include "mudra/device/arithmetic.hpp"
#include "mudra/device/kernels.hpp"

namespace mudra::device {
namespace {

constexpr int kNothing = -1;

// An activation. Its index is 0 for the network's input and i + 1 for the output of node i.
struct Value {
  std::uint16_t height = 1, width = 1, channels = 1;
  Width type = Width::kInt8;
  std::int8_t exponent = 0;
  std::uint8_t readers = 0;
  std::uint8_t reader = 0;  // the last node that reads it

  int count() const { return height * width * channels; }
};

bool same_shape(const Value& a, const Value& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

bool same_scale(const Value& a, const Value& b) { return a.exponent == b.exponent; }

// Reads nodes in their order and grows the chain at its end. Each step returns the first thing that is wrong.
class Reader {
 public:
  Reader(ModelView& view, Network& network) : view_(view), network_(network) {}

  Status read();
  std::string_view node_name() const {
    return current_ < 0 ? std::string_view() : view_.node(current_).name();
  }

 private:
  Status read_values();
  Status read_value(std::string_view name, Value& value);
  Status count_readers();
  Status read_node(const NodeView& node);

  Status read_convolution(const NodeView& node, bool fully_connected);
  Status read_window(const NodeView& node, Operation& operation) const;
  Status read_weights(const NodeView& node, bool fully_connected, Operation& operation);
  Status read_bias(const NodeView& node, int exponent, Operation& operation);
  Status read_clamp(const NodeView& node);
  Status read_bound(std::string_view name, const Value& of, std::int16_t& bound);
  Status check_table(const NodeView& node, Range range);
  Status read_conversion(const NodeView& node);
  Status read_add(const NodeView& node);
  Status read_average(const NodeView& node);
  Status read_reshape(const NodeView& node);

  int find(std::string_view name) const;
  const Value& input() const { return values_[end_]; }
  Value& output() { return values_[current_ + 1]; }
  Operation blank(Operation::Kind kind);
  Status take_end(const NodeView& node);
  Status append(const Operation& operation);

  ModelView& view_;
  Network& network_;
  Value values_[kMaxNodes + 1];
  int current_ = kNothing;  // the node being read
  int end_ = 0;             // the value at the end of the chain
  std::int64_t products_ = 0;
  Range end_range_;  // which integers it can hold
  // The value an open shortcut started at and the operation that made it; the converted shortcut, if any.
  int fork_ = kNothing, fork_operation_ = kNothing;
  int shortcut_ = kNothing;
};

Status Reader::read() {
  Status status = read_values();
  if (status == Status::kOk) status = count_readers();
  if (status != Status::kOk) return status;
  end_range_ = range_of(values_[0].type);
  network_.input_exponent = values_[0].exponent;
  for (current_ = 0; current_ < view_.node_count(); ++current_) {
    status = read_node(view_.node(current_));
    if (status != Status::kOk) return status;
  }
  current_ = kNothing;
  const bool ends = find(view_.output_name()) == end_ && fork_ == kNothing && values_[end_].readers == 0;
  if (!ends || network_.size == 0) return Status::kUnsupportedTopology;
  network_.output_exponent = values_[end_].exponent;
  return view_.status();
}

// The value called `name` if it is the network's input or the output of a node up to the current one.
int Reader::find(std::string_view name) const {
  if (name == view_.input_name()) return 0;
  const int nodes = current_ == kNothing ? view_.node_count() : current_;
  for (int i = 0; i < nodes; ++i)
    if (view_.node(i).output() == name) return i + 1;
  return kNothing;
}

Status Reader::read_values() {
  Status status = read_value(view_.input_name(), values_[0]);
  for (current_ = 0; status == Status::kOk && current_ < view_.node_count(); ++current_) {
    const NodeView node = view_.node(current_);
    if (node.output_count() != 1) return Status::kUnsupportedNode;
    if (find(node.output()) != kNothing) return Status::kDuplicateTensor;
    status = read_value(node.output(), values_[current_ + 1]);
    if (status != Status::kOk) return status;
  }
  if (status == Status::kOk) current_ = kNothing;
  return status;
}

Status Reader::read_value(std::string_view name, Value& value) {
  const TensorView tensor = view_.activation(name);
  if (!tensor) return Status::kUnknownTensor;
  if (tensor.type != DataType::kInt8 && tensor.type != DataType::kInt16) return Status::kBadType;
  const Dimensions& dimensions = tensor.dimensions;
  if ((dimensions.rank != 2 && dimensions.rank != 4) || dimensions.size[0] != 1) return Status::kBadShape;
  std::int64_t elements = 1;
  for (int i = 1; i < dimensions.rank; ++i) {
    if (dimensions.size[i] < 1 || dimensions.size[i] > kMaxSide) return Status::kBadShape;
    elements *= dimensions.size[i];
  }
  if (elements > kMaxElements) return Status::kBadShape;
  const bool picture = dimensions.rank == 4;
  value.height = static_cast<std::uint16_t>(picture ? dimensions.size[1] : 1);
  value.width = static_cast<std::uint16_t>(picture ? dimensions.size[2] : 1);
  value.channels = static_cast<std::uint16_t>(dimensions.size[picture ? 3 : 1]);
  value.type = tensor.type == DataType::kInt8 ? Width::kInt8 : Width::kInt16;
  value.exponent = static_cast<std::int8_t>(tensor.exponent);
  return Status::kOk;
}

// Every input that is no initializer must be made before; every output but the network's is read.
Status Reader::count_readers() {
  for (current_ = 0; current_ < view_.node_count(); ++current_) {
    const NodeView node = view_.node(current_);
    if (node.input_count() > kMaxRank) return Status::kUnsupportedNode;
    for (int i = 0; i < node.input_count(); ++i) {
      const std::string_view name = node.input(i);
      const int value = find(name);
      if (value != kNothing) {
        ++values_[value].readers;
        values_[value].reader = static_cast<std::uint8_t>(current_);
      } else if (!view_.initializer(name)) {
        for (int later = current_; later < view_.node_count(); ++later)
          if (view_.node(later).output() == name) return Status::kBadOrder;
        return Status::kUnknownTensor;
      }
    }
  }
  const int last = find(view_.output_name());
  for (int i = 0; i <= view_.node_count(); ++i) {
    current_ = i - 1;
    if (values_[i].readers == 0 && i != last) return Status::kUnusedTensor;
  }
  return view_.status();
}

Status Reader::read_node(const NodeView& node) {
  const std::string_view kind = node.operation();
  if (kind == "Conv") return read_convolution(node, false);
  if (kind == "Gemm") return read_convolution(node, true);
  if (kind == "Clip" || kind == "Relu") return read_clamp(node);
  if (kind == "RequantizeLinear") return read_conversion(node);
  if (kind == "Add") return read_add(node);
  if (kind == "GlobalAveragePool") return read_average(node);
  if (kind == "Transpose" || kind == "Flatten") return read_reshape(node);
  return Status::kUnsupportedNode;
}

// The node's first input has to be the end of the chain; if others read it too, a shortcut starts here.
Status Reader::take_end(const NodeView& node) {
  if (node.input_count() < 1 || find(node.input(0)) != end_) return Status::kUnsupportedTopology;
  if (input().readers == 1 || fork_ == end_) return Status::kOk;
  if (fork_ != kNothing || input().readers != 2) return Status::kUnsupportedTopology;
  fork_ = end_;
  fork_operation_ = network_.size - 1;
  return Status::kOk;
}

Operation Reader::blank(Operation::Kind kind) {
  Operation operation;
  operation.kind = kind;
  operation.node = operation.last_node = static_cast<std::uint8_t>(current_);
  operation.in = input().type;
  operation.in_height = input().height;
  operation.in_width = input().width;
  operation.in_channels = input().channels;
  operation.in_range = end_range_;
  operation.out = output().type;
  operation.out_height = output().height;
  operation.out_width = output().width;
  operation.out_channels = output().channels;
  operation.out_range = range_of(operation.out);
  return operation;
}

Status Reader::append(const Operation& operation) {
  if (network_.size == kMaxOperations) return Status::kTooManyOperations;
  products_ += products(operation);
  if (products_ > kMaxProducts) return Status::kTooLarge;
  network_.links[network_.size++] = {.operation = operation};
  end_ = current_ + 1;
  end_range_ = operation.out_range;
  return Status::kOk;
}

Status Reader::read_convolution(const NodeView& node, bool fully_connected) {
  Status status = take_end(node);
  if (status != Status::kOk) return status;
  Operation operation = blank(Operation::Kind::kConvolution);
  if (operation.in != operation.out) return Status::kBadType;
  Convolution& convolution = operation.convolution;
  convolution.in_channels = operation.in_channels;
  convolution.out_channels = operation.out_channels;
  const std::string_view activation = node.text_attribute("activation");
  if (activation == "Relu")
    operation.out_range.low = 0;
  else if (!activation.empty() && activation != "Linear")
    return Status::kBadAttribute;
  if (fully_connected) {
    if (node.integer_attribute("transB", 0) != 0) return Status::kBadAttribute;
    if (operation.in_height * operation.in_width * operation.out_height * operation.out_width != 1)
      return Status::kBadShape;
  } else {
    status = read_window(node, operation);
  }
  if (status == Status::kOk) status = read_weights(node, fully_connected, operation);
  if (status != Status::kOk) return status;
  convolution.saturates = !sums_fit(convolution, operation.in, operation.in_range);
  return append(operation);
}

Status Reader::read_window(const NodeView& node, Operation& operation) const {
  Convolution& convolution = operation.convolution;
  const flatbuffer::Vector kernel = node.integers_attribute("kernel_shape"),
                           strides = node.integers_attribute("strides"),
                           pads = node.integers_attribute("pads"),
                           dilations = node.integers_attribute("dilations");
  const bool sizes = kernel.size() == 2 && strides.size() == 2 && pads.size() == 4 && dilations.size() == 2;
  if (!sizes) return Status::kBadAttribute;
  const auto side = [](const flatbuffer::Vector& vector, int i, int least, int most) {
    const std::int64_t value = vector.integer<std::int64_t>(i);
    return value >= least && value <= most ? static_cast<std::uint8_t>(value) : std::uint8_t{255};
  };
  const std::uint8_t kernel_h = side(kernel, 0, 1, kMaxKernelSide),
                     kernel_w = side(kernel, 1, 1, kMaxKernelSide),
                     stride_h = side(strides, 0, 1, kMaxKernelSide),
                     stride_w = side(strides, 1, 1, kMaxKernelSide);
  if (std::max({kernel_h, kernel_w, stride_h, stride_w}) > kMaxKernelSide) return Status::kBadAttribute;
  // ONNX's order: top, left, bottom, right. A window always holds some of the picture.
  const std::uint8_t top = side(pads, 0, 0, kernel_h - 1), left = side(pads, 1, 0, kernel_w - 1),
                     bottom = side(pads, 2, 0, kernel_h - 1), right = side(pads, 3, 0, kernel_w - 1);
  const bool known = std::max({top, left, bottom, right}) < kMaxKernelSide &&
                     dilations.integer<std::int64_t>(0) == 1 && dilations.integer<std::int64_t>(1) == 1;
  if (!known) return Status::kBadAttribute;
  convolution.kernel_h = kernel_h;
  convolution.kernel_w = kernel_w;
  convolution.stride_h = stride_h;
  convolution.stride_w = stride_w;
  convolution.pad_top = top;
  convolution.pad_left = left;
  const int room_h = operation.in_height + top + bottom - kernel_h,
            room_w = operation.in_width + left + right - kernel_w;
  const bool fits = room_h >= 0 && room_w >= 0 && operation.out_height == room_h / stride_h + 1 &&
                    operation.out_width == room_w / stride_w + 1;
  if (!fits) return Status::kBadShape;
  const std::int64_t group = node.integer_attribute("group", 1);
  convolution.depthwise = group != 1;
  if (!convolution.depthwise) return Status::kOk;
  const bool one_each = group == operation.in_channels && operation.in_channels == operation.out_channels;
  return one_each ? Status::kOk : Status::kBadAttribute;
}

Status Reader::read_weights(const NodeView& node, bool fully_connected, Operation& operation) {
  Convolution& convolution = operation.convolution;
  if (node.input_count() < 2) return Status::kUnsupportedNode;
  const TensorView weights = view_.initializer(node.input(1));
  const DataType type = operation.in == Width::kInt8 ? DataType::kInt8 : DataType::kInt16;
  if (!weights || weights.type != type) return Status::kBadWeights;
  const int in = convolution.depthwise ? 1 : convolution.in_channels, out = convolution.out_channels;
  const Dimensions& dimensions = weights.dimensions;
  const bool shaped = dimensions.rank == 4 && dimensions.size[0] == convolution.kernel_h &&
                      dimensions.size[1] == convolution.kernel_w &&
                      dimensions.size[2] == (convolution.depthwise ? out : in) &&
                      dimensions.size[3] == (convolution.depthwise ? 1 : out);
  if (!shaped || (fully_connected && operation.in_height != 1)) return Status::kBadShape;
  const std::uint64_t bytes =
      std::uint64_t{convolution.kernel_h} * convolution.kernel_w * in * out * bytes_of(operation.in);
  if (weights.data.size() < bytes) return Status::kBadWeights;
  convolution.weights = weights.data.data();
  const int exponent = input().exponent + weights.exponent, shift = output().exponent - exponent;
  if (shift < 0) return Status::kLeftShift;
  if (shift > kMaxShift) return Status::kBadExponent;
  convolution.shift = static_cast<std::uint8_t>(shift);
  return node.input_count() == 2 ? Status::kOk : read_bias(node, exponent, operation);
}

Status Reader::read_bias(const NodeView& node, int exponent, Operation& operation) {
  Convolution& convolution = operation.convolution;
  if (node.input_count() != 3) return Status::kUnsupportedNode;
  const TensorView bias = view_.initializer(node.input(2));
  const bool typed = bias && (bias.type == DataType::kInt32 || bias.type == DataType::kInt64);
  const bool long_enough =
      typed && bias.data.size() >= std::uint64_t{convolution.out_channels} * bytes_of(bias.type);
  if (!long_enough) return Status::kBadWeights;
  if (bias.exponent != exponent) return Status::kUnequalExponents;
  convolution.bias = bias.data.data();
  convolution.wide_bias = bias.type == DataType::kInt64;
  return Status::kOk;
}

Status Reader::read_clamp(const NodeView& node) {
  Status status = take_end(node);
  if (status != Status::kOk) return status;
  if (!same_shape(input(), output())) return Status::kBadShape;
  if (input().type != output().type) return Status::kBadType;
  if (!same_scale(input(), output())) return Status::kUnequalExponents;
  Range range = range_of(input().type);
  if (node.operation() == "Relu") {
    range.low = 0;
  } else {
    if (node.input_count() != 3) return Status::kUnsupportedNode;
    status = read_bound(node.input(1), input(), range.low);
    if (status == Status::kOk) status = read_bound(node.input(2), input(), range.high);
    if (status != Status::kOk) return status;
    range.low = std::min(range.low, range.high);  // min(max(x, low), high) where low is above high
  }
  status = check_table(node, range);
  if (status != Status::kOk) return status;

  // Right behind a convolution it becomes a part of it.
  Operation* before = network_.size > 0 ? &network_.links[network_.size - 1].operation : nullptr;
  if (before != nullptr && before->kind == Operation::Kind::kConvolution && fork_ != end_) {
    before->out_range.low = std::clamp(before->out_range.low, range.low, range.high);
    before->out_range.high = std::clamp(before->out_range.high, range.low, range.high);
    before->last_node = static_cast<std::uint8_t>(current_);
    end_ = current_ + 1;
    end_range_ = before->out_range;
    return Status::kOk;
  }
  Operation operation = blank(Operation::Kind::kClamp);
  operation.out_range = range;
  return append(operation);
}

// A scalar of the activation's own type and exponent. December 2024 stored it as int32.
Status Reader::read_bound(std::string_view name, const Value& of, std::int16_t& bound) {
  const TensorView scalar = view_.initializer(name);
  if (!scalar || scalar.data.size() < bytes_of(scalar.type)) return Status::kBadWeights;
  if (scalar.exponent != of.exponent) return Status::kUnequalExponents;
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
  const Range range = range_of(of.type);
  if (value < range.low || value > range.high) return Status::kBadWeights;
  bound = static_cast<std::int16_t>(value);
  return Status::kOk;
}

// The vendor's runtime runs an int8 Clip or Relu that has a table (entry q + 128 for q) by that table; here
// it has to say what the node says. Tables of int16 nodes are not used by anyone.
Status Reader::check_table(const NodeView& node, Range range) {
  if (!node.has_attribute("lut") || input().type != Width::kInt8) return Status::kOk;
  const TensorView table = view_.initializer(node.text_attribute("lut"));
  if (!table || table.type != DataType::kInt8 || table.data.size() < 256) return Status::kBadTable;
  for (int q = -128; q < 128; ++q) {
    const auto entry = static_cast<std::int8_t>(table.data[static_cast<std::size_t>(q + 128)]);
    if (entry != std::clamp<int>(q, range.low, range.high)) return Status::kBadTable;
  }
  return Status::kOk;
}

Status Reader::read_conversion(const NodeView& node) {
  if (node.input_count() < 1) return Status::kUnsupportedNode;
  const int from = find(node.input(0));
  if (from == kNothing) return Status::kUnsupportedTopology;
  const Value& source = values_[from];
  if (!same_shape(source, output())) return Status::kBadShape;
  const int shift = output().exponent - source.exponent;
  // Of two readers the one that leads straight to an addition is the shortcut.
  const bool to_add =
      output().readers == 1 && view_.node(output().reader).operation() == "Add" && source.readers == 2;
  if (to_add) {
    const bool new_fork = fork_ == kNothing && from == end_;
    if ((!new_fork && from != fork_) || shortcut_ != kNothing) return Status::kUnsupportedTopology;
    if (new_fork) {
      fork_ = end_;
      fork_operation_ = network_.size - 1;
    }
    shortcut_ = current_ + 1;
    return Status::kOk;
  }
  const Status status = take_end(node);
  if (status != Status::kOk) return status;
  Operation operation = blank(Operation::Kind::kConvert);
  operation.shift = static_cast<std::int16_t>(shift);
  return append(operation);
}

Status Reader::read_add(const NodeView& node) {
  if (node.input_count() != 2) return Status::kUnsupportedNode;
  const int a = find(node.input(0)), b = find(node.input(1));
  const int other = a == end_ ? b : b == end_ ? a : kNothing;
  const bool closes = other != kNothing && fork_ != kNothing && end_ != fork_ &&
                      other == (shortcut_ == kNothing ? fork_ : shortcut_);
  if (!closes || input().readers != 1) return Status::kUnsupportedTopology;
  const Value &operand = values_[other], &source = values_[fork_];
  if (!same_shape(input(), output()) || !same_shape(operand, output())) return Status::kBadShape;
  if (input().type != output().type || operand.type != output().type) return Status::kBadType;
  if (!same_scale(input(), output()) || !same_scale(operand, output())) return Status::kUnequalExponents;
  Operation operation = blank(Operation::Kind::kAdd);
  operation.shift = static_cast<std::int16_t>(operand.exponent - source.exponent);
  operation.shortcut_width = source.type;
  const Status status = append(operation);
  if (status != Status::kOk) return status;
  network_.links[network_.size - 1].shortcut_from = static_cast<std::int8_t>(fork_operation_);
  fork_ = shortcut_ = kNothing;
  return Status::kOk;
}

Status Reader::read_average(const NodeView& node) {
  const Status status = take_end(node);
  if (status != Status::kOk) return status;
  Operation operation = blank(Operation::Kind::kAverage);
  const bool shaped = operation.out_height == 1 && operation.out_width == 1 &&
                      operation.out_channels == operation.in_channels &&
                      operation.in_height * operation.in_width <= kMaxPoolArea;
  if (!shaped) return Status::kBadShape;
  if (operation.in != operation.out) return Status::kBadType;
  const int shift = output().exponent - input().exponent;
  if (shift < -kMaxAverageShift || shift > kMaxAverageShift) return Status::kBadExponent;
  operation.shift = static_cast<std::int16_t>(shift);
  return append(operation);
}

// Only where the order of the integers stays: at most one dimension is larger than 1.
Status Reader::read_reshape(const NodeView& node) {
  const Status status = take_end(node);
  if (status != Status::kOk) return status;
  const int count = input().count();
  if (count != output().count()) return Status::kBadShape;
  if (std::max({input().height, input().width, input().channels}) != count) return Status::kUnsupportedNode;
  if (input().type != output().type) return Status::kBadType;
  if (!same_scale(input(), output())) return Status::kUnequalExponents;
  if (input().readers != 1) return Status::kUnsupportedTopology;
  if (network_.size > 0)
    network_.links[network_.size - 1].operation.last_node = static_cast<std::uint8_t>(current_);
  end_ = current_ + 1;
  return Status::kOk;
}

}  // namespace

bool Network::is_fork(int i) const {
  for (int later = i + 1; later < size; ++later)
    if (operation(later).kind == Operation::Kind::kAdd && links[later].shortcut_from == i) return true;
  return false;
}

Status read_network(ModelView& view, Network& network, Problem& problem) {
  network.size = 0;
  Reader reader(view, network);
  Status status = reader.read();
  if (view.status() != Status::kOk) status = view.status();  // what was read may have been nothing
  problem = {.status = status, .node = status == Status::kOk ? std::string_view() : reader.node_name()};
  return status;
}

}  // namespace mudra::device
