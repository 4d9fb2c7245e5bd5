#include <cassert>
#include <cstring>

#include <espdl_generated.h>
#include "mudra/format/espdl_payload.hpp"

namespace mudra::format {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

espdl::DataType data_type_of(graph::Type type) {
  switch (type) {
    case graph::Type::kFloat32:
      return espdl::DataType::FLOAT;
    case graph::Type::kInt8:
      return espdl::DataType::INT8;
    case graph::Type::kInt16:
      return espdl::DataType::INT16;
    case graph::Type::kInt32:
      return espdl::DataType::INT32;
    case graph::Type::kInt64:
      return espdl::DataType::INT64;
  }
  return espdl::DataType::UNDEFINED;
}

// Writes the tables from the inside out, as a FlatBuffer is built. Fields that the family's files never have
// are left out.
class Serializer {
 public:
  // The whole of EDL2 is a multiple of its units, also where no constant is one.
  explicit Serializer(EspdlGeneration generation) : generation_(generation) {
    if (generation_ == EspdlGeneration::kEdl2) builder_.Align(sizeof(espdl::Bytes16));
  }

  std::vector<std::uint8_t> serialize(const Payload& payload) {
    const auto graph = graph_of(payload);
    const auto opset = opset_import();
    const auto producer_name = text_or_none(payload.producer_name);
    const auto producer_version = text_or_none(payload.producer_version);
    const auto domain = text_or_none(payload.domain);
    const auto doc_string = text_or_none(payload.doc_string);
    const auto metadata = metadata_of(payload);
    builder_.Finish(espdl::CreateModel(builder_, payload.ir_version, opset, producer_name, producer_version,
                                       domain, payload.model_version, doc_string, graph, metadata));
    std::vector<std::uint8_t> bytes(builder_.GetBufferPointer(),
                                    builder_.GetBufferPointer() + builder_.GetSize());
    assert(generation_ == EspdlGeneration::kEdl1 || bytes.size() % sizeof(espdl::Bytes16) == 0);
    return bytes;
  }

 private:
  template <typename Stored, typename Make>
  auto list_of(const std::vector<Stored>& stored, Make make) {
    std::vector<decltype(make(stored[0]))> entries;
    for (const Stored& entry : stored) entries.push_back(make(entry));
    return builder_.CreateVector(entries);
  }

  // Equal strings are stored once: names recur in nodes and lists.
  Offset<flatbuffers::String> text(const std::string& characters) {
    return builder_.CreateSharedString(characters);
  }
  Offset<flatbuffers::String> text_or_none(const std::string& optional) {
    return optional.empty() ? 0 : text(optional);
  }

  // EDL1 files name one set of operations, without a domain or version; EDL2 files none.
  Offset<flatbuffers::Vector<Offset<espdl::OperatorSet>>> opset_import() {
    std::vector<Offset<espdl::OperatorSet>> sets;
    if (generation_ == EspdlGeneration::kEdl1) sets.push_back(espdl::CreateOperatorSet(builder_));
    return builder_.CreateVector(sets);
  }

  Offset<flatbuffers::Vector<Offset<espdl::KeyValue>>> metadata_of(const Payload& payload) {
    if (payload.metadata.empty()) return 0;
    std::vector<Offset<espdl::KeyValue>> entries;
    for (const auto& [key, value] : payload.metadata) {
      const auto key_text = text(key), value_text = text(value);
      entries.push_back(espdl::CreateKeyValue(builder_, key_text, value_text));
    }
    return builder_.CreateVector(entries);
  }

  Offset<espdl::Graph> graph_of(const Payload& payload) {
    const auto nodes = list_of(payload.nodes, [&](const StoredNode& node) { return node_of(node); });
    const auto name = text(payload.graph_name);
    const auto tensor = [&](const StoredTensor& stored) { return tensor_of(stored); };
    const auto value = [&](const StoredValue& stored) { return value_of(stored); };
    const auto initializers = list_of(payload.initializers, tensor);
    const auto inputs = list_of(payload.inputs, value), outputs = list_of(payload.outputs, value);
    const auto values = list_of(payload.values, value);
    const auto test_inputs = list_of(payload.test_inputs, tensor);
    const auto test_outputs = list_of(payload.test_outputs, tensor);
    return espdl::CreateGraph(builder_, nodes, name, initializers, 0, inputs, outputs, values, test_inputs,
                              test_outputs);
  }

  Offset<flatbuffers::Vector<Offset<flatbuffers::String>>> names_of(const std::vector<std::string>& names) {
    return list_of(names, [&](const std::string& name) { return text(name); });
  }

  Offset<espdl::Node> node_of(const StoredNode& node) {
    const auto inputs = names_of(node.inputs), outputs = names_of(node.outputs);
    const auto name = text(node.name), op_type = text(node.op_type);
    const auto attributes =
        list_of(node.attributes, [&](const StoredAttribute& a) { return attribute_of(a); });
    return espdl::CreateNode(builder_, inputs, outputs, name, op_type, 0, attributes);
  }

  Offset<espdl::Attribute> attribute_of(const StoredAttribute& attribute) {
    const auto name = text(attribute.name);
    if (const auto* number = std::get_if<float>(&attribute.value)) {
      const espdl::Float f(*number);
      return espdl::CreateAttribute(builder_, name, espdl::AttributeType::FLOAT, &f);
    }
    if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
      const espdl::Int i(*number);
      return espdl::CreateAttribute(builder_, name, espdl::AttributeType::INT, nullptr, &i);
    }
    if (const auto* letters = std::get_if<std::string>(&attribute.value)) {
      const auto s =
          builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(letters->data()), letters->size());
      return espdl::CreateAttribute(builder_, name, espdl::AttributeType::STRING, nullptr, nullptr, s);
    }
    const auto ints = builder_.CreateVector(std::get<std::vector<std::int64_t>>(attribute.value));
    return espdl::CreateAttribute(builder_, name, espdl::AttributeType::INTS, nullptr, nullptr, 0, ints);
  }

  Offset<espdl::ValueInfo> value_of(const StoredValue& value) {
    const auto dimensions = list_of(value.shape, [&](std::int64_t size) {
      return espdl::CreateDimension(builder_,
                                    espdl::CreateDimensionValue(builder_, espdl::DimensionType::VALUE, size));
    });
    const auto shape = espdl::CreateShape(builder_, dimensions);
    const auto tensor = espdl::CreateTensorType(builder_, data_type_of(value.type), shape);
    const auto type = espdl::CreateTypeInfo(builder_, espdl::ValueType::TensorType, tensor.Union());
    const auto name = text(value.name);
    return espdl::CreateValueInfo(builder_, name, type, 0, exponents_of(value.exponent));
  }

  Offset<flatbuffers::Vector<std::int64_t>> exponents_of(std::optional<std::int64_t> exponent) {
    return builder_.CreateVector(std::vector<std::int64_t>{exponent.value_or(0)});
  }

  Offset<espdl::Tensor> tensor_of(const StoredTensor& tensor) {
    return generation_ == EspdlGeneration::kEdl1 ? edl1_tensor_of(tensor) : edl2_tensor_of(tensor);
  }

  Offset<espdl::Tensor> edl2_tensor_of(const StoredTensor& tensor) {
    const auto dims = builder_.CreateVector(tensor.dims);
    const auto name = text(tensor.name);
    const auto doc_string = text_or_none(tensor.doc_string);
    const auto exponents = exponents_of(tensor.exponent);
    const auto raw = bytes_of(tensor.values);
    std::vector<espdl::Bytes16> units((raw.size() + sizeof(espdl::Bytes16) - 1) / sizeof(espdl::Bytes16));
    if (!raw.empty()) std::memcpy(units.data(), raw.data(), raw.size());
    const auto raw_data = builder_.CreateVectorOfStructs(units);
    return espdl::CreateTensor(builder_, dims, data_type_of(type_of(tensor)), 0, 0, 0, name, doc_string,
                               raw_data, 0, exponents);
  }

  // A scalar's value stands in the list of its type, not in raw_data. The tables of the two generations
  // differ in the meaning of raw_data alone, so that the offset of one may stand for the other.
  Offset<espdl::Tensor> edl1_tensor_of(const StoredTensor& tensor) {
    const auto dims = builder_.CreateVector(tensor.dims.empty() ? graph::Shape{1} : tensor.dims);
    const auto name = text(tensor.name);
    const auto doc_string = text_or_none(tensor.doc_string);
    const auto exponents = exponents_of(tensor.exponent);
    Offset<flatbuffers::Vector<float>> float_data;
    Offset<flatbuffers::Vector<std::int32_t>> int32_data;
    Offset<flatbuffers::Vector<std::uint8_t>> raw_data;
    if (!tensor.dims.empty()) {
      raw_data = builder_.CreateVector(bytes_of(tensor.values));
    } else if (const auto* floats = std::get_if<std::vector<float>>(&tensor.values)) {
      float_data = builder_.CreateVector(*floats);
    } else {
      const auto first = [](const auto& values) { return static_cast<std::int32_t>(values.at(0)); };
      int32_data = builder_.CreateVector(std::vector{std::visit(first, tensor.values)});
    }
    return espdl::CreateEdl1Tensor(builder_, dims, data_type_of(type_of(tensor)), float_data, int32_data, 0,
                                   name, doc_string, raw_data, 0, exponents)
        .o;
  }

  static graph::Type type_of(const StoredTensor& tensor) {
    return static_cast<graph::Type>(tensor.values.index());
  }

  static std::vector<std::uint8_t> bytes_of(const graph::Values& values) {
    return std::visit(
        [](const auto& numbers) {
          std::vector<std::uint8_t> bytes(numbers.size() * sizeof(numbers[0]));
          if (!bytes.empty()) std::memcpy(bytes.data(), numbers.data(), bytes.size());
          return bytes;
        },
        values);
  }

  EspdlGeneration generation_;
  FlatBufferBuilder builder_;
};

}  // namespace

std::vector<std::uint8_t> serialize_payload(const Payload& payload, EspdlGeneration generation) {
  return Serializer(generation).serialize(payload);
}

}  // namespace mudra::format
