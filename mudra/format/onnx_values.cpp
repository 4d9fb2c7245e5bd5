#include "mudra/format/onnx_values.hpp"

#include <bit>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/graph/shape_inference.hpp"

namespace mudra::format {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "raw_data is little endian");

// The values of a tensor of `count` elements of type Stored: from raw_data or else from its own field.
template <typename Value, typename Stored, typename Field>
std::vector<Value> values_of(const TensorProto& tensor, std::size_t count, const Field& field) {
  std::vector<Value> values;
  if (tensor.has_raw_data()) {
    const std::string& raw = tensor.raw_data();
    if (raw.size() != count * sizeof(Stored))
      fail("constant '{}' has {} bytes for {} values", tensor.name(), raw.size(), count);
    values.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      Stored value;
      std::memcpy(&value, raw.data() + i * sizeof(Stored), sizeof(Stored));
      values.push_back(static_cast<Value>(value));
    }
  } else {
    if (static_cast<std::size_t>(field.size()) != count)
      fail("constant '{}' has {} values instead of {}", tensor.name(), field.size(), count);
    values.assign(field.begin(), field.end());
  }
  return values;
}

}  // namespace

const std::vector<float>& OnnxConstant::floats() const {
  if (const auto* v = std::get_if<std::vector<float>>(&values)) return *v;
  fail("constant '{}' holds integers, not floats", name);
}

const std::vector<std::int64_t>& OnnxConstant::integers() const {
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&values)) return *v;
  fail("constant '{}' holds floats, not integers", name);
}

OnnxConstant constant_of(const TensorProto& tensor) {
  if (tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0)
    fail("constant '{}' is kept in another file, which is not at hand", tensor.name());
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.dims()) {
    if (size < 0) fail("constant '{}' has a negative size", tensor.name());
    if (size > 0 && count > graph::kMaxElements / size)
      fail("constant '{}' has more than {} values", tensor.name(), graph::kMaxElements);
    count *= size;
  }
  OnnxConstant constant{tensor.name(), {tensor.dims().begin(), tensor.dims().end()}, {}};
  const auto elements = static_cast<std::size_t>(count);
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      constant.values = values_of<float, float>(tensor, elements, tensor.float_data());
      break;
    case TensorProto::DOUBLE:
      constant.values = values_of<float, double>(tensor, elements, tensor.double_data());
      break;
    case TensorProto::INT32:
      constant.values = values_of<std::int64_t, std::int32_t>(tensor, elements, tensor.int32_data());
      break;
    case TensorProto::BOOL:
      constant.values = values_of<std::int64_t, std::uint8_t>(tensor, elements, tensor.int32_data());
      break;
    case TensorProto::INT64:
      constant.values = values_of<std::int64_t, std::int64_t>(tensor, elements, tensor.int64_data());
      break;
    default:
      fail("constant '{}' is of ONNX type {}; supported are float, double, int32, int64 and bool",
           tensor.name(), tensor.data_type());
  }
  return constant;
}

const AttributeProto* OnnxAttributes::find(std::string_view name) const {
  for (const AttributeProto& attribute : node_.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

const AttributeProto* OnnxAttributes::find(std::string_view name, AttributeProto::AttributeType type) const {
  const AttributeProto* attribute = find(name);
  if (attribute != nullptr && attribute->type() != type) fail("attribute '{}' is of another type", name);
  return attribute;
}

std::int64_t OnnxAttributes::integer(std::string_view name, std::int64_t absent) const {
  const AttributeProto* attribute = find(name, AttributeProto::INT);
  return attribute == nullptr ? absent : attribute->i();
}

float OnnxAttributes::real(std::string_view name, float absent) const {
  const AttributeProto* attribute = find(name, AttributeProto::FLOAT);
  return attribute == nullptr ? absent : attribute->f();
}

std::string OnnxAttributes::text(std::string_view name, std::string_view absent) const {
  const AttributeProto* attribute = find(name, AttributeProto::STRING);
  return attribute == nullptr ? std::string(absent) : attribute->s();
}

std::vector<std::int64_t> OnnxAttributes::integers(std::string_view name,
                                                   std::vector<std::int64_t> absent) const {
  const AttributeProto* attribute = find(name, AttributeProto::INTS);
  if (attribute == nullptr) return absent;
  return {attribute->ints().begin(), attribute->ints().end()};
}

OnnxConstant OnnxAttributes::constant() const {
  if (const auto* attribute = find("value", AttributeProto::TENSOR)) return constant_of(attribute->t());
  if (const auto* attribute = find("value_float", AttributeProto::FLOAT))
    return {"", {}, std::vector<float>{attribute->f()}};
  if (const auto* attribute = find("value_int", AttributeProto::INT))
    return {"", {}, std::vector<std::int64_t>{attribute->i()}};
  if (const auto* attribute = find("value_floats", AttributeProto::FLOATS))
    return {"",
            {attribute->floats_size()},
            std::vector<float>(attribute->floats().begin(), attribute->floats().end())};
  if (has("value_ints")) {
    std::vector<std::int64_t> values = integers("value_ints", {});
    return {"", {std::ssize(values)}, std::move(values)};
  }
  fail("its value is none of value, value_float, value_floats, value_int and value_ints");
}

}  // namespace mudra::format
