#include "mudra/device/network.hpp"

#include <algorithm>

#include "mudra/device/node_reader.hpp"

namespace mudra::device {
namespace {

using Kind = Operation::Kind;

constexpr int kNothing = -1;
constexpr std::int64_t kMaxFeatures = 65535;  // of a flattened picture

constexpr std::string_view kKnown[] = {
    "Conv",        "Gemm",      "Clip",    "Relu",        "RequantizeLinear",
    "Add",         "Mul",       "MaxPool", "AveragePool", "GlobalAveragePool",
    "PRelu",       "LeakyRelu", "Elu",     "Sigmoid",     "Tanh",
    "HardSigmoid", "HardSwish", "Swish",   "Gelu",        "Concat",
    "Transpose",   "Flatten",   "Reshape"};

std::uint32_t hash_of(std::string_view text) {  // FNV-1a
  std::uint32_t hash = 2166136261u;
  for (const char letter : text) hash = (hash ^ static_cast<std::uint8_t>(letter)) * 16777619u;
  return hash;
}

// Reads nodes in their order. Each step returns the first thing that is wrong.
class GraphReader {
 public:
  GraphReader(ModelView& view, Network& network) : view_(view), network_(network) {}

  Status read();
  std::string_view node_name() const {
    return current_ < 0 ? std::string_view() : view_.node(current_).name();
  }

 private:
  Status read_names();
  Status count_readers();
  Status read_input();
  Status read_output_type(const TensorView& tensor);
  Status check_shape(const Dimensions& dimensions) const;
  Status read_node(const NodeView& node);
  Status finish();

  Status read_transpose(const NodeView& node);
  Status read_flatten(const NodeView& node, const Dimensions& dimensions);
  Status check_reshape(const NodeView& node);
  Status read_concat(const NodeView& node);
  bool can_write_into(const Value& part) const;
  Status read_computing(const NodeView& node);
  bool leave_to_addition(const NodeView& node);
  bool join_activation(const Operation& clamp);

  int find(std::string_view name) const;
  int made_before(std::string_view name) const;
  Value& output() { return values_[current_ + 1]; }
  const Value& output() const { return values_[current_ + 1]; }
  Operation blank(Kind kind) const;
  Operation moving(Kind kind, const Value& value) const;
  Link* producer(TensorIndex tensor) { return tensor == 0 ? nullptr : &network_.links[tensor - 1]; }
  void require_whole(const Value& value);
  void rename(const Value& input);
  Status append(const Link& link);

  ModelView& view_;
  Network& network_;
  std::uint32_t hashes_[kMaxNodes + 1];  // of the values' names
  Value values_[kMaxNodes + 1];          // 0 is the network's input, i + 1 the output of node i
  int current_ = kNothing;               // the node being read
  std::int64_t products_ = 0;
};

Status GraphReader::read() {
  Status status = read_names();
  if (status == Status::kOk) status = count_readers();
  if (status == Status::kOk) status = read_input();
  if (status != Status::kOk) return status;
  for (current_ = 0; current_ < view_.node_count(); ++current_) {
    status = read_node(view_.node(current_));
    if (status != Status::kOk) return status;
  }
  current_ = kNothing;
  return finish();
}

// The value called `name`, whichever node makes it.
int GraphReader::find(std::string_view name) const {
  const std::uint32_t hash = hash_of(name);
  for (int i = 0; i <= view_.node_count(); ++i)
    if (hashes_[i] == hash && (i == 0 ? view_.input_name() : view_.node(i - 1).output()) == name) return i;
  return kNothing;
}

// The same, if it is there when the current node is run.
int GraphReader::made_before(std::string_view name) const {
  const int value = find(name);
  return value <= current_ ? value : kNothing;
}

Status GraphReader::read_names() {
  for (std::uint32_t& hash : hashes_) hash = 0;
  hashes_[0] = hash_of(view_.input_name());
  for (current_ = 0; current_ < view_.node_count(); ++current_) {
    const NodeView node = view_.node(current_);
    if (node.output_count() != 1) return Status::kUnsupportedNode;
    if (find(node.output()) != kNothing) return Status::kDuplicateTensor;
    hashes_[current_ + 1] = hash_of(node.output());
  }
  current_ = kNothing;
  return view_.status();
}

// A node reads what was made before it; every output is read, the network's from outside.
Status GraphReader::count_readers() {
  const auto read_by = [&](int value, int reader) {
    values_[value].reader = static_cast<std::uint16_t>(reader);
    if (values_[value].readers < 255) ++values_[value].readers;
  };
  for (current_ = 0; current_ < view_.node_count(); ++current_) {
    const NodeView node = view_.node(current_);
    constexpr int kMostOperands = 4;
    if (node.input_count() > kMostOperands && node.operation() != "Concat") return Status::kUnsupportedNode;
    for (int i = 0; i < node.input_count(); ++i) {
      const int value = find(node.input(i));
      if (value > current_) return Status::kBadOrder;
      if (value != kNothing) read_by(value, current_);
      if (value == kNothing && i == 0 && !view_.initializer(node.input(i))) return Status::kUnknownTensor;
    }
  }
  const int last = find(view_.output_name());
  if (last != kNothing) read_by(last, kMaxNodes);
  for (int i = 0; i <= view_.node_count(); ++i) {
    current_ = i - 1;
    if (values_[i].readers == 0) return Status::kUnusedTensor;
  }
  current_ = kNothing;
  return last == kNothing ? Status::kUnsupportedTopology : view_.status();
}

Status GraphReader::read_input() {
  const TensorView tensor = view_.activation(view_.input_name());
  const Status status = read_output_type(tensor);  // of the value before the first node
  if (status != Status::kOk) return status;
  const Dimensions& dimensions = tensor.dimensions;
  if (dimensions.rank != 2 && dimensions.rank != 4) return Status::kBadShape;
  for (int i = 1; i < dimensions.rank; ++i)
    if (dimensions.size[i] < 1 || dimensions.size[i] > kMaxSide) return Status::kBadShape;
  Value& input = values_[0];
  if (dimensions.rank == 4) {
    input.height = static_cast<std::uint16_t>(dimensions.size[1]);
    input.width = static_cast<std::uint16_t>(dimensions.size[2]);
  }
  input.channels = static_cast<std::uint16_t>(dimensions.size[dimensions.rank - 1]);
  input.range = range_of(input.type);
  input.tensor = 0;
  network_.needs_whole_input = false;
  network_.input_info = {input.height, input.width, input.channels, input.type, input.exponent};
  return check_shape(dimensions);
}

// What of a value is not computed but believed.
Status GraphReader::read_output_type(const TensorView& tensor) {
  if (!tensor) return Status::kUnknownTensor;
  if (tensor.type != DataType::kInt8 && tensor.type != DataType::kInt16) return Status::kBadType;
  output().type = output().stored = tensor.type == DataType::kInt8 ? Width::kInt8 : Width::kInt16;
  output().exponent = static_cast<std::int8_t>(tensor.exponent);
  return Status::kOk;
}

// Whether the file says what was computed. Behind a Transpose the vendor's files say something else.
Status GraphReader::check_shape(const Dimensions& dimensions) const {
  const Value& value = output();
  if (value.count() > kMaxElements) return Status::kBadShape;
  if (value.turned) return Status::kOk;
  const bool picture =
      dimensions.rank == 4 && dimensions.size[1] == value.height && dimensions.size[2] == value.width;
  const bool features = dimensions.rank == 2 && value.height == 1 && value.width == 1;
  const bool same = (picture || features) && dimensions.size[0] == 1 &&
                    dimensions.size[dimensions.rank - 1] == value.channels;
  return same ? Status::kOk : Status::kBadShape;
}

Status GraphReader::read_node(const NodeView& node) {
  const std::string_view kind = node.operation();
  if (std::find(std::begin(kKnown), std::end(kKnown), kind) == std::end(kKnown))
    return Status::kUnsupportedNode;
  const TensorView tensor = view_.activation(node.output());
  Status status = read_output_type(tensor);
  if (status != Status::kOk) return status;
  if (node.input_count() < 1) return Status::kUnsupportedNode;
  if (kind == "Concat")
    status = read_concat(node);
  else if (kind == "Transpose")
    return read_transpose(node);
  else if (kind == "Flatten" || kind == "Reshape")
    status = read_flatten(node, tensor.dimensions);
  else
    status = read_computing(node);
  return status == Status::kOk ? check_shape(tensor.dimensions) : status;
}

Status GraphReader::finish() {
  const Value& value = values_[find(view_.output_name())];
  if (value.tensor == 0 || (value.turned && !value.is_line())) return Status::kUnsupportedTopology;
  require_whole(value);
  producer(value.tensor)->keeps_all = true;
  network_.output = value.tensor;
  network_.output_info = {value.height, value.width, value.channels, value.type, value.exponent};
  return view_.status();
}

Operation GraphReader::blank(Kind kind) const {
  Operation operation;
  operation.kind = kind;
  operation.node = operation.last_node = static_cast<std::uint16_t>(current_);
  return operation;
}

// One that gives what it takes.
Operation GraphReader::moving(Kind kind, const Value& value) const {
  Operation operation = blank(kind);
  operation.in = operation.out = value.type;
  operation.in_exponent = operation.out_exponent = value.exponent;
  operation.in_height = operation.out_height = value.height;
  operation.in_width = operation.out_width = value.width;
  operation.in_channels = operation.out_channels = value.channels;
  operation.in_range = operation.out_range = value.range;
  return operation;
}

// Whoever reads the value in another shape than it was made in needs it in one piece.
void GraphReader::require_whole(const Value& value) {
  Link* const link = producer(value.tensor);
  if (link == nullptr) {
    const TensorInfo& input = network_.input_info;
    if (value.height != input.height || value.width != input.width) network_.needs_whole_input = true;
    return;
  }
  const Operation& made = link->operation;
  if (value.height != made.out_height || value.width != made.out_width) link->keeps_all = true;
}

Status GraphReader::append(const Link& link) {
  if (network_.size == kMaxOperations) return Status::kTooManyOperations;
  products_ += products(link.operation);
  if (products_ > kMaxProducts) return Status::kTooLarge;
  network_.links[network_.size++] = link;
  output().tensor = static_cast<TensorIndex>(network_.size);
  return Status::kOk;
}

// The output is the input's tensor by another name.
void GraphReader::rename(const Value& input) {
  output().tensor = input.tensor;
  output().range = input.range;
  output().alone = input.alone && input.readers == 1;
  Link* const link = producer(input.tensor);
  const bool same_order = !output().turned || output().is_line();
  if (link != nullptr && output().alone && same_order)
    link->operation.last_node = static_cast<std::uint16_t>(current_);
}

// From NHWC to NCHW, as ONNX's Flatten wants it, and back.
Status GraphReader::read_transpose(const NodeView& node) {
  const int from = made_before(node.input(0));
  if (from == kNothing) return Status::kUnsupportedNode;
  const Value& input = values_[from];
  const flatbuffer::Vector permutation = node.integers_attribute("perm");
  if (permutation.size() != 4) return Status::kBadAttribute;
  if (input.type != output().type) return Status::kBadType;
  if (input.exponent != output().exponent) return Status::kUnequalExponents;
  const auto is = [&](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    const std::int64_t wanted[] = {a, b, c, d};
    for (int i = 0; i < 4; ++i)
      if (permutation.integer<std::int64_t>(i) != wanted[i]) return false;
    return true;
  };
  const bool turns = !input.turned && is(0, 3, 1, 2), turns_back = input.turned && is(0, 2, 3, 1);
  if (!turns && !turns_back && !is(0, 1, 2, 3)) return Status::kUnsupportedNode;
  output().height = input.height;
  output().width = input.width;
  output().channels = input.channels;
  output().turned = turns || (input.turned && !turns_back);
  rename(input);
  return Status::kOk;
}

// To one row of features, in the order of the file's axes.
Status GraphReader::read_flatten(const NodeView& node, const Dimensions& dimensions) {
  const int from = made_before(node.input(0));
  if (from == kNothing) return Status::kUnsupportedNode;
  const Value& input = values_[from];
  if (input.type != output().type) return Status::kBadType;
  if (input.exponent != output().exponent) return Status::kUnequalExponents;
  if (input.count() > kMaxFeatures) return Status::kBadShape;
  if (dimensions.rank != 2) return Status::kBadShape;
  const Status status = node.operation() == "Reshape" ? check_reshape(node) : Status::kOk;
  if (status != Status::kOk) return status;
  output().channels = static_cast<std::uint16_t>(input.count());
  if (input.turned && !input.is_line()) {
    Operation operation = blank(Kind::kTurn);
    operation.in = operation.out = input.type;
    operation.in_exponent = operation.out_exponent = input.exponent;
    operation.in_height = input.height;
    operation.in_width = input.width;
    operation.in_channels = input.channels;
    operation.out_channels = output().channels;
    operation.out_step = 0;  // there is one pixel
    operation.in_range = operation.out_range = output().range = input.range;
    require_whole(input);
    return append({.operation = operation, .input = input.tensor, .keeps_all = true});
  }
  rename(input);
  require_whole(output());
  return Status::kOk;
}

// Its second input is the shape: [1, as many as there are], where either may be left to be computed.
Status GraphReader::check_reshape(const NodeView& node) {
  if (node.input_count() != 2) return Status::kUnsupportedNode;
  const TensorView shape = view_.initializer(node.input(1));
  constexpr std::size_t kRank = 2, kSizeBytes = 8;
  if (!shape || shape.type != DataType::kInt64 || shape.dimensions.rank != 1 ||
      shape.dimensions.size[0] != kRank || shape.data.size() < kRank * kSizeBytes)
    return Status::kBadAttribute;
  const std::int64_t count = values_[made_before(node.input(0))].count(), wanted[kRank] = {1, count};
  for (std::size_t i = 0; i < kRank; ++i) {
    std::uint64_t size = 0;
    for (std::size_t byte = 0; byte < kSizeBytes; ++byte)
      size |= std::uint64_t{shape.data[i * kSizeBytes + byte]} << (8 * byte);
    if (static_cast<std::int64_t>(size) != wanted[i] && static_cast<std::int64_t>(size) != -1)
      return Status::kBadAttribute;
  }
  return Status::kOk;
}

// Whether who makes the part may write it where the whole is.
bool GraphReader::can_write_into(const Value& part) const {
  if (part.tensor == 0 || part.readers != 1 || !part.alone || part.converted) return false;
  const Link& maker = network_.links[part.tensor - 1];
  const Operation& made = maker.operation;
  return maker.into == kNoTensor && !maker.keeps_all && made.kind != Kind::kJoin &&
         made.kind != Kind::kTurn && part.height == made.out_height && part.width == made.out_width;
}

// Channels one after another: every part is written where it belongs, by who makes it or by a copy.
Status GraphReader::read_concat(const NodeView& node) {
  const std::int64_t axis = node.integer_attribute("axis", 1);
  std::int64_t channels = 0;
  int copies = 0;
  Value& whole = output();
  for (int i = 0; i < node.input_count(); ++i) {
    const int from = made_before(node.input(i));
    if (from == kNothing) return Status::kUnsupportedNode;
    const Value& part = values_[from];
    if (part.turned) return Status::kUnsupportedTopology;
    if (part.type != whole.type) return Status::kBadType;
    if (part.exponent != whole.exponent) return Status::kUnequalExponents;
    const Value& first = values_[made_before(node.input(0))];
    if (part.height != first.height || part.width != first.width) return Status::kBadShape;
    if (axis != 3 && axis != -1 && !(axis == 1 && part.height * part.width == 1))
      return Status::kBadAttribute;
    whole.height = part.height;
    whole.width = part.width;
    whole.range = i == 0 ? part.range
                         : Range{std::min(whole.range.low, part.range.low),
                                 std::max(whole.range.high, part.range.high)};
    channels += part.channels;
    copies += can_write_into(part) ? 0 : 1;
  }
  if (channels > kMaxSide) return Status::kBadShape;
  whole.channels = static_cast<std::uint16_t>(channels);
  if (network_.size + copies >= kMaxOperations) return Status::kTooManyOperations;
  const auto join = static_cast<TensorIndex>(network_.size + copies + 1);
  const auto step = static_cast<std::uint16_t>(channels * bytes_of(whole.type));

  std::uint16_t first_channel = 0;
  for (int i = 0; i < node.input_count(); ++i) {
    const Value& part = values_[made_before(node.input(i))];
    if (!can_write_into(part)) {
      require_whole(part);
      const Status status = append({.operation = moving(Kind::kCopy, part), .input = part.tensor});
      if (status != Status::kOk) return status;
    }
    Link& writer = can_write_into(part) ? *producer(part.tensor) : network_.links[network_.size - 1];
    writer.operation.out_step = step;
    writer.into = join;
    writer.first_channel = first_channel;
    first_channel = static_cast<std::uint16_t>(first_channel + part.channels);
  }
  Operation operation = moving(Kind::kJoin, whole);
  operation.out_step = step;
  return append({.operation = operation});
}

Status GraphReader::read_computing(const NodeView& node) {
  const bool joins = node.operation() == "Add" || node.operation() == "Mul";
  int first = made_before(node.input(0)), second = kNothing;
  if (joins) {
    if (node.input_count() != 2) return Status::kUnsupportedNode;
    second = made_before(node.input(1));
    if (first == kNothing) std::swap(first, second);
    // The one that is converted, or the smaller one, comes second.
    if (second != kNothing && (values_[first].converted || values_[first].count() < values_[second].count()))
      std::swap(first, second);
  }
  if (first == kNothing) return Status::kUnsupportedNode;
  const Value& input = values_[first];
  const Value* const other = second == kNothing ? nullptr : &values_[second];
  Link link{.operation = blank(Kind::kClamp), .input = input.tensor};
  const Status status = read_operation(view_, node, input, other, output(), link.operation);
  if (status != Status::kOk) return status;
  if (link.operation.kind == Kind::kConvert && leave_to_addition(node)) return Status::kOk;
  if (link.operation.kind == Kind::kClamp && join_activation(link.operation)) {
    output().tensor = input.tensor;
    return Status::kOk;
  }
  if (other != nullptr) {
    link.second = other->tensor;
    link.operation.second_width = other->stored;
    if (link.operation.kind == Kind::kAdd) link.operation.shift = other->shift;
    require_whole(*other);
  }
  require_whole(input);
  return append(link);
}

// A conversion of one of several readers' input that leads straight to an addition is a part of that.
bool GraphReader::leave_to_addition(const NodeView& node) {
  const Value& input = values_[made_before(node.input(0))];
  if (output().readers != 1 || output().reader >= kMaxNodes || input.readers < 2) return false;
  const NodeView reader = view_.node(output().reader);
  if (reader.operation() != "Add" || reader.input_count() != 2) return false;
  for (int i = 0; i < 2; ++i) {
    const int operand = made_before(reader.input(i));
    if (operand != kNothing && values_[operand].converted) return false;
  }
  output().tensor = input.tensor;
  output().converted = true;
  output().stored = input.type;
  output().shift = static_cast<std::int16_t>(output().exponent - input.exponent);
  return true;
}

// Right behind a convolution a clamp becomes a part of it.
bool GraphReader::join_activation(const Operation& clamp) {
  const Value& input = values_[made_before(view_.node(current_).input(0))];
  Link* const before = producer(input.tensor);
  if (before == nullptr || before->operation.kind != Kind::kConvolution || !input.alone || input.readers != 1)
    return false;
  Operation& convolution = before->operation;
  convolution.out_range.low =
      std::clamp(convolution.out_range.low, clamp.out_range.low, clamp.out_range.high);
  convolution.out_range.high =
      std::clamp(convolution.out_range.high, clamp.out_range.low, clamp.out_range.high);
  convolution.last_node = static_cast<std::uint16_t>(current_);
  return true;
}

}  // namespace

Status read_network(ModelView& view, Network& network, Problem& problem) {
  network.size = 0;
  GraphReader reader(view, network);
  Status status = reader.read();
  if (view.status() != Status::kOk) status = view.status();  // what was read may have been nothing
  problem = {.status = status, .node = status == Status::kOk ? std::string_view() : reader.node_name()};
  return status;
}

}  // namespace mudra::device
