#include "mudra/device/espdl_view.hpp"

#include <bit>
#include <cstring>

namespace mudra::device {
namespace {

using flatbuffer::Table;
using flatbuffer::Vector;

// Field ids; those of Attribute, Tensor and TypeInfo are listed where they are used.
namespace model {
enum { kGraph = 7, kMetadata = 8 };
}
namespace graph {
enum {
  kNodes = 0,
  kInitializers = 2,
  kInputs = 4,
  kOutputs = 5,
  kValues = 6,
  kTestInputs = 8,
  kTestOutputs = 9
};
}
namespace node {
enum { kInputs = 0, kOutputs = 1, kName = 2, kOperation = 3, kAttributes = 5 };
}
namespace attribute {
enum { kName = 0, kFloat = 4, kInteger = 5, kText = 6, kIntegers = 11 };
}
namespace tensor_field {
enum { kDimensions = 0, kType = 1, kFloats = 2, kIntegers = 3, kName = 6, kRaw = 8, kExponents = 13 };
}
namespace value {
enum { kName = 0, kTypeInfo = 1, kExponents = 3 };
}
namespace pair {
enum { kKey = 0, kValue = 1 };
}

constexpr std::uint32_t kOffsetBytes = 4;
constexpr std::uint8_t kTensorTypeTag = 1;

bool starts_with(std::span<const std::uint8_t> file, const char* magic) {
  return file.size() >= 4 && std::memcmp(file.data(), magic, 4) == 0;
}

bool aligned(const void* address, std::size_t to) {
  return reinterpret_cast<std::uintptr_t>(address) % to == 0;
}

// One exponent, or 0 where the file gives none.
int exponent_of(const Vector& exponents) {
  const std::int64_t exponent = exponents.size() == 1 ? exponents.integer<std::int64_t>(0) : 0;
  return exponent < -128 || exponent > 127 ? 127 : static_cast<int>(exponent);
}

Dimensions dimensions_of(const Vector& sizes) {
  Dimensions dimensions{.rank = sizes.size() > kMaxRank ? -1 : sizes.size()};
  for (int i = 0; i < dimensions.rank; ++i) dimensions.size[i] = sizes.integer<std::int64_t>(i);
  return dimensions;
}

// The shape of a ValueInfo's TypeInfo: TensorType{0 element type, 1 Shape{0 [Dimension{0 Value{1 size}}]}}.
Dimensions dimensions_of(const Table& tensor_type) {
  const Vector sizes = tensor_type.table(1).vector(0, kOffsetBytes);
  Dimensions dimensions{.rank = sizes.size() > kMaxRank ? -1 : sizes.size()};
  for (int i = 0; i < dimensions.rank; ++i)
    dimensions.size[i] = sizes.table(i).table(0).integer<std::int64_t>(1);
  return dimensions;
}

// A text of any length.
std::string_view letters_of(const Table& table, int field) {
  const Vector letters = table.vector(field, 1);
  return {reinterpret_cast<const char*>(letters.data()), static_cast<std::size_t>(letters.size())};
}

}  // namespace

std::string_view NodeView::name() const { return table_.text(node::kName); }
std::string_view NodeView::operation() const { return table_.text(node::kOperation); }
int NodeView::input_count() const { return table_.vector(node::kInputs, kOffsetBytes).size(); }
int NodeView::output_count() const { return table_.vector(node::kOutputs, kOffsetBytes).size(); }

std::string_view NodeView::input(int i) const {
  const Vector inputs = table_.vector(node::kInputs, kOffsetBytes);
  return i < inputs.size() ? inputs.text(i) : std::string_view();
}

std::string_view NodeView::output() const {
  const Vector outputs = table_.vector(node::kOutputs, kOffsetBytes);
  return outputs.size() > 0 ? outputs.text(0) : std::string_view();
}

Table NodeView::attribute(std::string_view name) const {
  const Vector attributes = table_.vector(node::kAttributes, kOffsetBytes);
  for (int i = 0; i < attributes.size() && i < kMaxAttributes; ++i) {
    const Table candidate = attributes.table(i);
    if (candidate.text(attribute::kName) == name) return candidate;
  }
  return {};
}

bool NodeView::has_attribute(std::string_view name) const { return static_cast<bool>(attribute(name)); }

std::string_view NodeView::text_attribute(std::string_view name) const {
  return letters_of(attribute(name), attribute::kText);
}

std::int64_t NodeView::integer_attribute(std::string_view name, std::int64_t otherwise) const {
  return attribute(name).integer<std::int64_t>(attribute::kInteger, otherwise);
}

float NodeView::float_attribute(std::string_view name, float otherwise) const {
  return std::bit_cast<float>(
      attribute(name).integer<std::uint32_t>(attribute::kFloat, std::bit_cast<std::uint32_t>(otherwise)));
}

Vector NodeView::integers_attribute(std::string_view name) const {
  return attribute(name).vector(attribute::kIntegers, sizeof(std::int64_t));
}

Status ModelView::open(std::span<const std::uint8_t> file) {
  const bool first = starts_with(file, "EDL1"), second = starts_with(file, "EDL2");
  if (!first && !second) return Status::kNotEspdl;
  const std::uint32_t header_bytes = first ? 12 : 16;
  if (file.size() < header_bytes) return Status::kTruncated;
  flatbuffer::Buffer header(file.first(header_bytes));
  if (header.read<std::uint32_t>(4) != 0) return Status::kEncrypted;
  const auto payload_bytes = header.read<std::uint32_t>(8);
  if (payload_bytes > file.size() - header_bytes) return Status::kTruncated;

  buffer_ = flatbuffer::Buffer(file.subspan(header_bytes, payload_bytes));
  file_bytes_ = header_bytes + payload_bytes;
  raw_unit_bytes_ = first ? 1 : 16;
  model_ = flatbuffer::root(buffer_);
  graph_ = model_.table(model::kGraph);
  nodes_ = graph_.vector(graph::kNodes, kOffsetBytes);
  initializers_ = graph_.vector(graph::kInitializers, kOffsetBytes);
  activations_ = graph_.vector(graph::kValues, kOffsetBytes);
  test_inputs_ = graph_.vector(graph::kTestInputs, kOffsetBytes);
  test_outputs_ = graph_.vector(graph::kTestOutputs, kOffsetBytes);
  if (status() != Status::kOk) return status();
  bool few = nodes_.size() <= kMaxNodes && initializers_.size() <= kMaxTensors &&
             activations_.size() <= kMaxTensors && test_inputs_.size() <= kMaxTests;
  for (int i = 0; few && i < nodes_.size(); ++i) few = node(i).input_count() <= kMaxInputs;
  if (!few) return Status::kTooLarge;
  const bool whole = nodes_.size() > 0 && graph_.vector(graph::kInputs, kOffsetBytes).size() == 1 &&
                     graph_.vector(graph::kOutputs, kOffsetBytes).size() == 1 &&
                     test_inputs_.size() == test_outputs_.size();
  return whole ? status() : Status::kNoGraph;
}

std::string_view ModelView::input_name() const {
  return graph_.vector(graph::kInputs, kOffsetBytes).table(0).text(value::kName);
}

std::string_view ModelView::output_name() const {
  return graph_.vector(graph::kOutputs, kOffsetBytes).table(0).text(value::kName);
}

TensorView ModelView::activation(std::string_view name) {
  for (int i = 0; i < activations_.size(); ++i) {
    const Table entry = activations_.table(i);
    if (entry.text(value::kName) != name) continue;
    const Table info = entry.table(value::kTypeInfo);
    if (info.integer<std::uint8_t>(0) != kTensorTypeTag) return {};
    const Table tensor_type = info.table(1);
    return {.name = name,
            .type = DataType{tensor_type.integer<std::int32_t>(0)},
            .dimensions = dimensions_of(tensor_type),
            .exponent = exponent_of(entry.vector(value::kExponents, sizeof(std::int64_t))),
            .data = {}};
  }
  return {};
}

TensorView ModelView::initializer(std::string_view name) {
  for (int i = 0; i < initializers_.size(); ++i) {
    const Table entry = initializers_.table(i);
    if (entry.text(tensor_field::kName) == name) return tensor(entry);
  }
  return {};
}

int ModelView::test_count() const { return test_inputs_.size(); }
TensorView ModelView::test_input(int i) { return tensor(test_inputs_.table(i)); }
TensorView ModelView::test_output(int i) { return tensor(test_outputs_.table(i)); }

std::string_view ModelView::metadata(std::string_view key) const {
  const Vector pairs = model_.vector(model::kMetadata, kOffsetBytes);
  for (int i = 0; i < pairs.size() && i < kMaxTensors; ++i) {
    const Table entry = pairs.table(i);
    if (entry.text(pair::kKey) == key) return letters_of(entry, pair::kValue);
  }
  return {};
}

TensorView ModelView::tensor(Table table) {
  TensorView view{.name = table.text(tensor_field::kName),
                  .type = DataType{table.integer<std::int32_t>(tensor_field::kType)},
                  .dimensions = dimensions_of(table.vector(tensor_field::kDimensions, sizeof(std::int64_t))),
                  .exponent = exponent_of(table.vector(tensor_field::kExponents, sizeof(std::int64_t))),
                  .data = {}};
  // Scalars of December 2024 are widened to int32, or are floats, in fields of their own.
  Vector data = table.vector(tensor_field::kRaw, raw_unit_bytes_);
  if (data.data() == nullptr && table.has(tensor_field::kIntegers)) {
    data = table.vector(tensor_field::kIntegers, sizeof(std::int32_t));
    view.type = DataType::kInt32;
  } else if (data.data() == nullptr) {
    data = table.vector(tensor_field::kFloats, sizeof(float));
  }
  const std::uint32_t element_bytes = bytes_of(view.type);
  if (!aligned(data.data(), element_bytes < 4 ? element_bytes + (element_bytes == 0) : 4)) {
    buffer_.mark(Status::kMisaligned);
    return {};
  }
  if (data.data() != nullptr) view.data = {data.data(), data.bytes()};
  return view;
}

Status PackView::open(std::span<const std::uint8_t> file) {
  buffer_ = flatbuffer::Buffer(file);
  bytes_ = static_cast<std::uint32_t>(file.size());
  count_ = 0;
  packed_ = starts_with(file, "PDL1") || starts_with(file, "PDL2") || starts_with(file, "PDL3");
  if (!packed_) {
    if (!starts_with(file, "EDL1") && !starts_with(file, "EDL2")) return Status::kNotEspdl;
    count_ = 1;
    return buffer_.status();
  }
  const std::uint32_t count_at = starts_with(file, "PDL3") ? 56 : 4;
  const auto count = buffer_.read<std::uint32_t>(count_at);
  entries_ = count_at + 4;
  if (count > kMaxPackedModels) return Status::kTooLarge;
  if (!buffer_.holds(entries_, std::uint64_t{count} * 12)) return Status::kTruncated;
  count_ = static_cast<int>(count);
  for (int i = 0; i < count_; ++i) {
    static_cast<void>(name(i));
    static_cast<void>(model(i));
  }
  if (buffer_.status() != Status::kOk) count_ = 0;
  return buffer_.status();
}

std::string_view PackView::name(int i) {
  if (!packed_) return {};
  const std::uint32_t entry = entries_ + static_cast<std::uint32_t>(i) * 12;
  const auto at = buffer_.read<std::uint32_t>(entry + 4), length = buffer_.read<std::uint32_t>(entry + 8);
  if (!buffer_.holds(at, length)) return {};
  return {reinterpret_cast<const char*>(buffer_.data(at)), length};
}

std::span<const std::uint8_t> PackView::model(int i) {
  const auto at = packed_ ? buffer_.read<std::uint32_t>(entries_ + static_cast<std::uint32_t>(i) * 12) : 0u;
  if (!buffer_.holds(at, 4)) return {};
  return {buffer_.data(at), bytes_ - at};
}

}  // namespace mudra::device
