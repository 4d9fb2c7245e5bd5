#include <algorithm>
#include <bit>
#include <cstring>

#include <espdl_generated.h>
#include "mudra/base/error.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/format/espdl_container.hpp"
#include "mudra/format/espdl_payload.hpp"

namespace mudra::format {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie");

constexpr std::size_t kMaxTextLength = std::size_t{1} << 20;
constexpr std::size_t kMaxNodes = 4096, kMaxInputs = 32, kMaxAttributes = 16, kMaxTensors = 8192,
                      kMaxRank = 8;
constexpr flatbuffers::uoffset_t kMaxTables = 100'000, kMaxDepth = 16;

std::string text_of(const flatbuffers::String* text, const char* role, std::size_t most = kMaxNameLength) {
  if (text == nullptr) return {};
  if (text->size() > most) fail("a {} has {} characters, more than {}", role, text->size(), most);
  return text->str();
}

std::string name_of(const flatbuffers::String* text, const char* role) {
  std::string name = text_of(text, role);
  check_printable(name, role);
  return name;
}

// Files need not align what they hold, so that elements are copied as bytes.
template <typename T>
std::vector<T> copy_of(const flatbuffers::Vector<T>* list, const char* role, std::size_t most) {
  if (list == nullptr) return {};
  if (list->size() > most) fail("{} has {} entries, more than {}", role, list->size(), most);
  std::vector<T> copy(list->size());
  if (!copy.empty()) std::memcpy(copy.data(), list->Data(), copy.size() * sizeof(T));
  return copy;
}

// Calls visit(*entry) for every entry of a list that may be missing.
template <typename Entry, typename Visit>
void for_each(const flatbuffers::Vector<flatbuffers::Offset<Entry>>* list, const char* role, std::size_t most,
              Visit visit) {
  if (list == nullptr) return;
  if (list->size() > most) fail("it has {} {}, more than {}", list->size(), role, most);
  for (const Entry* entry : *list) visit(*entry);
}

// Sets the exponent of a tensor or an activation, or its problem.
template <typename Stored>
void read_exponent(const flatbuffers::Vector<std::int64_t>* list, Stored& stored) {
  if (list == nullptr || list->size() == 0) return;
  if (list->size() > 1)
    stored.problem =
        fmt::format("'{}' has {} exponents; the ESP32-S3 knows one per tensor", stored.name, list->size());
  else
    stored.exponent = copy_of(list, "a list of exponents", 1)[0];
}

std::vector<std::string> names_of(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* list,
                                  const char* role) {
  std::vector<std::string> names;
  for_each(list, role, kMaxInputs,
           [&](const flatbuffers::String& name) { names.push_back(name_of(&name, "name")); });
  return names;
}

std::optional<graph::Type> type_of(espdl::DataType type) {
  switch (type) {
    case espdl::DataType::FLOAT:
      return graph::Type::kFloat32;
    case espdl::DataType::INT8:
      return graph::Type::kInt8;
    case espdl::DataType::INT16:
      return graph::Type::kInt16;
    case espdl::DataType::INT32:
      return graph::Type::kInt32;
    case espdl::DataType::INT64:
      return graph::Type::kInt64;
    default:
      return std::nullopt;
  }
}

std::string type_problem(const std::string& name, espdl::DataType type) {
  return fmt::format("'{}' is of ONNX type {}, which is not supported", name, static_cast<int>(type));
}

std::size_t element_count(const graph::Shape& shape, const std::string& name) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || static_cast<std::size_t>(size) > kMaxEspdlBytes / count)
      fail("'{}' has a size of {}", name, size);
    count *= static_cast<std::size_t>(size);
  }
  return count;
}

std::span<const std::uint8_t> raw_bytes(const espdl::Edl1Tensor& tensor) {
  return {tensor.raw_data()->Data(), tensor.raw_data()->size()};
}
std::span<const std::uint8_t> raw_bytes(const espdl::Tensor& tensor) {
  return {tensor.raw_data()->Data(), std::size_t{tensor.raw_data()->size()} * sizeof(espdl::Bytes16)};
}
constexpr std::size_t padded(const espdl::Edl1Tensor&, std::size_t bytes) { return bytes; }
constexpr std::size_t padded(const espdl::Tensor&, std::size_t bytes) { return (bytes + 15) / 16 * 16; }

class TensorParser {
 public:
  // All tensors together hold at most `bytes`: a file of that size has no room for more.
  explicit TensorParser(std::size_t bytes) : allowed_(bytes) {}

  template <typename Table>
  StoredTensor parse(const Table& table) {
    StoredTensor tensor;
    tensor.name = name_of(table.name(), "tensor's name");
    tensor.dims = copy_of(table.dims(), "a shape", kMaxRank);
    tensor.doc_string = name_of(table.doc_string(), "tensor's description");
    read_exponent(table.exponents(), tensor);
    if (table.data_location() != 0) fail("'{}' lies outside the file", tensor.name);
    const std::optional<graph::Type> type = type_of(table.data_type());
    if (!type) {
      tensor.problem = type_problem(tensor.name, table.data_type());
      return tensor;
    }
    const std::size_t count = element_count(tensor.dims, tensor.name);
    switch (*type) {
      case graph::Type::kFloat32:
        tensor.values = values<float>(table, table.float_data(), count);
        break;
      case graph::Type::kInt8:
        tensor.values = values<std::int8_t>(table, table.int32_data(), count);
        break;
      case graph::Type::kInt16:
        tensor.values = values<std::int16_t>(table, table.int32_data(), count);
        break;
      case graph::Type::kInt32:
        tensor.values = values<std::int32_t>(table, table.int32_data(), count);
        break;
      case graph::Type::kInt64:
        tensor.values = values<std::int64_t>(table, table.int64_data(), count);
        break;
    }
    return tensor;
  }

 private:
  // From raw_data, or from the list that ONNX has for the type (`wide`).
  template <typename T, typename Table, typename Wide>
  std::vector<T> values(const Table& table, const flatbuffers::Vector<Wide>* wide, std::size_t count) {
    const std::string name = name_of(table.name(), "tensor's name");
    if (count * sizeof(T) > allowed_) fail("its tensors hold more than the file");
    allowed_ -= count * sizeof(T);
    std::vector<T> values(count);
    if (table.raw_data() != nullptr) {
      const auto raw = raw_bytes(table);
      if (raw.size() != padded(table, count * sizeof(T)))
        fail("'{}' has {} bytes for {} values of {}", name, raw.size(), count, sizeof(T));
      std::memcpy(values.data(), raw.data(), count * sizeof(T));
      return values;
    }
    if (wide == nullptr || wide->size() != count)
      fail("'{}' does not hold the {} values it says", name, count);
    const std::vector<Wide> stored = copy_of(wide, "a tensor", count);
    for (std::size_t i = 0; i < count; ++i) {
      values[i] = static_cast<T>(stored[i]);
      if constexpr (sizeof(T) < sizeof(Wide))
        if (values[i] != stored[i]) fail("'{}' holds {}, beyond its type", name, stored[i]);
    }
    return values;
  }

  std::size_t allowed_;
};

StoredValue value_of(const espdl::ValueInfo& info) {
  StoredValue value;
  value.name = name_of(info.name(), "tensor's name");
  const auto* tensor = info.type() == nullptr ? nullptr : info.type()->value_as_TensorType();
  if (tensor == nullptr || tensor->shape() == nullptr) {
    value.problem = fmt::format("'{}' has no type and shape", value.name);
    return value;
  }
  if (const std::optional<graph::Type> type = type_of(tensor->element_type()))
    value.type = *type;
  else
    value.problem = type_problem(value.name, tensor->element_type());
  for_each(tensor->shape()->dimensions(), "dimensions", kMaxRank, [&](const espdl::Dimension& dimension) {
    const auto* size = dimension.value();
    const bool is_number = size != nullptr && size->type() == espdl::DimensionType::VALUE;
    if (!is_number) value.problem = fmt::format("'{}' has a size that is not a number", value.name);
    value.shape.push_back(is_number ? size->value() : 0);
  });
  if (value.problem.empty()) element_count(value.shape, value.name);
  read_exponent(info.exponents(), value);
  return value;
}

std::vector<StoredValue> values_of(const flatbuffers::Vector<flatbuffers::Offset<espdl::ValueInfo>>* list) {
  std::vector<StoredValue> values;
  for_each(list, "activations", kMaxTensors,
           [&](const espdl::ValueInfo& info) { values.push_back(value_of(info)); });
  // An optional input that a node leaves out.
  std::erase_if(values, [](const StoredValue& value) { return value.name.empty(); });
  return values;
}

// Of attributes of other types only the name is kept: no operation we know has any.
StoredAttribute attribute_of(const espdl::Attribute& table) {
  StoredAttribute attribute{name_of(table.name(), "attribute's name"), {}};
  switch (table.type()) {
    case espdl::AttributeType::FLOAT:
      if (table.f() != nullptr) attribute.value = table.f()->value();
      break;
    case espdl::AttributeType::INT:
      if (table.i() != nullptr) attribute.value = table.i()->value();
      break;
    case espdl::AttributeType::STRING: {
      const auto bytes = copy_of(table.s(), "an attribute", kMaxNameLength);
      std::string text(bytes.begin(), bytes.end());
      check_printable(text, "text attribute");
      attribute.value = std::move(text);
      break;
    }
    case espdl::AttributeType::INTS:
      attribute.value = copy_of(table.ints(), "an attribute", kMaxInputs);
      break;
    default:
      break;
  }
  return attribute;
}

StoredNode node_of(const espdl::Node& table) {
  StoredNode node{.name = name_of(table.name(), "node's name"),
                  .op_type = name_of(table.op_type(), "operation's name"),
                  .inputs = names_of(table.input(), "inputs of a node"),
                  .outputs = names_of(table.output(), "outputs of a node"),
                  .attributes = {}};
  for_each(table.attribute(), "attributes of a node", kMaxAttributes,
           [&](const espdl::Attribute& attribute) { node.attributes.push_back(attribute_of(attribute)); });
  return node;
}

template <typename Model>
Payload payload_of(const Model& model, std::size_t bytes) {
  const auto* graph = model.graph();
  if (graph == nullptr) fail("it holds no graph");
  Payload payload{.ir_version = model.ir_version(),
                  .model_version = model.model_version(),
                  .producer_name = name_of(model.producer_name(), "producer's name"),
                  .producer_version = text_of(model.producer_version(), "producer's version"),
                  .domain = text_of(model.domain(), "domain"),
                  .doc_string = text_of(model.doc_string(), "description", kMaxTextLength),
                  .metadata = {},
                  .graph_name = name_of(graph->name(), "graph's name"),
                  .nodes = {},
                  .initializers = {},
                  .inputs = values_of(graph->input()),
                  .outputs = values_of(graph->output()),
                  .values = values_of(graph->value_info()),
                  .test_inputs = {},
                  .test_outputs = {}};
  std::size_t text_bytes = 0;
  for_each(model.metadata_props(), "metadata", kMaxTensors, [&](const espdl::KeyValue& entry) {
    payload.metadata.emplace_back(name_of(entry.key(), "metadata key"),
                                  text_of(entry.value(), "metadata value", kMaxTextLength));
    text_bytes += payload.metadata.back().second.size();
    if (text_bytes > bytes) fail("its metadata is longer than the file");
  });
  for_each(graph->node(), "nodes", kMaxNodes,
           [&](const espdl::Node& node) { payload.nodes.push_back(node_of(node)); });
  TensorParser tensors(bytes);
  const auto parse_all = [&](const auto* list, const char* role, std::vector<StoredTensor>& into) {
    for_each(list, role, kMaxTensors, [&](const auto& table) { into.push_back(tensors.parse(table)); });
  };
  parse_all(graph->initializer(), "tensors", payload.initializers);
  parse_all(graph->test_inputs_value(), "test inputs", payload.test_inputs);
  parse_all(graph->test_outputs_value(), "test outputs", payload.test_outputs);
  return payload;
}

// The verifier walks a list of names again for every node that refers to it. Throws Error for long ones,
// which would take it hours.
void check_name_lists(std::span<const std::uint8_t> bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxDepth, kMaxTables);
  if (!verifier.VerifyBuffer<espdl::ModelOutline>(nullptr)) fail("its contents are damaged");
  const auto* graph = flatbuffers::GetRoot<espdl::ModelOutline>(bytes.data())->graph();
  if (graph == nullptr) fail("it holds no graph");
  for_each(graph->node(), "nodes", kMaxNodes, [](const espdl::NodeOutline& node) {
    for (const auto* names : {node.input(), node.output()})
      if (names != nullptr && names->size() > kMaxInputs)
        fail("a node has {} inputs or outputs, more than {}", names->size(), kMaxInputs);
  });
}

template <typename Model>
Payload verified(std::span<const std::uint8_t> bytes) {
  static_assert(__STDCPP_DEFAULT_NEW_ALIGNMENT__ >= 16, "a copy is as aligned as the format asks");
  const std::vector<std::uint8_t> aligned(bytes.begin(), bytes.end());
  check_name_lists(aligned);
  flatbuffers::Verifier verifier(aligned.data(), aligned.size(), kMaxDepth, kMaxTables);
  if (!verifier.VerifyBuffer<Model>(nullptr)) fail("its contents are damaged");
  return payload_of(*flatbuffers::GetRoot<Model>(aligned.data()), bytes.size());
}

}  // namespace

Payload parse_payload(std::span<const std::uint8_t> bytes, EspdlGeneration generation) {
  return generation == EspdlGeneration::kEdl1 ? verified<espdl::Edl1Model>(bytes)
                                              : verified<espdl::Model>(bytes);
}

}  // namespace mudra::format
