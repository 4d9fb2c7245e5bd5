// What an ONNX file holds beside nodes: constants and attributes, checked while they are decoded.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::format {

// A float or integer constant with ONNX's own shape.
struct OnnxConstant {
  std::string name;
  graph::Shape shape;  // sizes of 0 are possible
  std::variant<std::vector<float>, std::vector<std::int64_t>> values;

  std::size_t size() const {
    return std::visit([](const auto& v) { return v.size(); }, values);
  }
  const std::vector<float>& floats() const;           // throws Error when it holds integers
  const std::vector<std::int64_t>& integers() const;  // throws Error when it holds floats
};

// Throws Error for types other than float, double, int32, int64 and bool, for data outside the file and for
// sizes that do not fit the data.
OnnxConstant constant_of(const onnx::TensorProto& tensor);

// The attributes of one node by name, with ONNX's defaults given by the caller. Throws Error for an attribute
// of another type.
class OnnxAttributes {
 public:
  explicit OnnxAttributes(const onnx::NodeProto& node) : node_(node) {}

  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t absent) const;
  float real(std::string_view name, float absent) const;
  std::string text(std::string_view name, std::string_view absent) const;
  std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> absent) const;

  // The value of a Constant node.
  OnnxConstant constant() const;

 private:
  const onnx::AttributeProto* find(std::string_view name) const;
  const onnx::AttributeProto* find(std::string_view name, onnx::AttributeProto::AttributeType type) const;

  const onnx::NodeProto& node_;
};

}  // namespace mudra::format
