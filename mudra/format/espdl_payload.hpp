// What the FlatBuffer inside an .espdl says, as plain values: the same for both generations.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mudra/format/espdl.hpp"
#include "mudra/graph/graph.hpp"

namespace mudra::format {

struct StoredTensor {
  std::string name;
  graph::Shape dims;
  graph::Values values;  // as many as dims say; of no use when there is a problem
  std::optional<std::int64_t> exponent;
  std::string doc_string;  // "layout ==> ..." of initializers
  std::string problem{};   // why no ESP32-S3 network can have it; mostly empty
};

// An activation.
struct StoredValue {
  std::string name;
  graph::Type type = graph::Type::kInt8;
  graph::Shape shape;
  std::optional<std::int64_t> exponent;
  std::string problem{};  // as a tensor's
};

struct StoredAttribute {
  std::string name;
  std::variant<std::monostate, float, std::int64_t, std::string, std::vector<std::int64_t>>
      value;  // nothing: of another type
};

struct StoredNode {
  std::string name, op_type;
  std::vector<std::string> inputs, outputs;
  std::vector<StoredAttribute> attributes;
};

struct Payload {
  std::int32_t ir_version = 0;
  std::int64_t model_version = 0;
  std::string producer_name, producer_version, domain, doc_string;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::string graph_name;
  std::vector<StoredNode> nodes;
  std::vector<StoredTensor> initializers;
  std::vector<StoredValue> inputs, outputs, values;  // `values` holds the inputs and outputs too
  std::vector<StoredTensor> test_inputs, test_outputs;
};

// Verifies the FlatBuffer before anything is read from it. Throws Error for what is damaged; what is whole
// but of no use here becomes a problem of its tensor. `bytes` are at most kMaxEspdlBytes; no contents make it
// take more than about 100 MB, or more than a second.
Payload parse_payload(std::span<const std::uint8_t> bytes, EspdlGeneration generation);

// The network of a payload. Throws Error for what mudra cannot run, all unknown operations at once.
EspdlFile file_of(const Payload& payload, EspdlGeneration generation);

// Equal arguments give equal bytes. Of EDL2 as many as a multiple of 16.
std::vector<std::uint8_t> serialize_payload(const Payload& payload, EspdlGeneration generation);

}  // namespace mudra::format
