// An .espdl file where it lies, in flash or in memory: nothing is copied, nothing outside of it is read, and
// nothing it says about itself is believed. What its tensors mean for a network is network.hpp's business.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "mudra/device/flatbuffer.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

inline constexpr int kMaxNodes = 224;
inline constexpr int kMaxTensors = 1024;   // initializers, and activations
inline constexpr int kMaxInputs = 64;      // of a node
inline constexpr int kMaxAttributes = 16;  // of a node
inline constexpr int kMaxTests = 64;       // recorded inputs
inline constexpr int kMaxPackedModels = 64;

// The numbers are ONNX's.
enum class DataType : std::int32_t { kFloat = 1, kInt8 = 3, kInt16 = 5, kInt32 = 6, kInt64 = 7 };

// Bytes of one element; 0 for any other type.
constexpr std::uint32_t bytes_of(DataType type) {
  switch (type) {
    case DataType::kInt8:
      return 1;
    case DataType::kInt16:
      return 2;
    case DataType::kFloat:
    case DataType::kInt32:
      return 4;
    case DataType::kInt64:
      return 8;
  }
  return 0;
}

inline constexpr int kMaxRank = 4;

// Dimensions as the file says them: for activations NHWC, for weights [kernel_h, kernel_w, in, out].
struct Dimensions {
  int rank = 0;  // -1: more than kMaxRank
  std::int64_t size[kMaxRank] = {};
};

// An activation's description, or an initializer with its data. Without a name: there is no such tensor.
struct TensorView {
  std::string_view name;
  DataType type{};
  Dimensions dimensions;
  int exponent = 0;  // value = integer * 2^exponent
  // Initializers and test vectors: where the data lies, aligned to min(4, element size). Empty otherwise.
  std::span<const std::uint8_t> data;

  explicit operator bool() const { return !name.empty(); }
};

// One node. An index beyond the last input, or a name that is no attribute's, gives an empty text, zero or
// an empty vector.
class NodeView {
 public:
  explicit NodeView(flatbuffer::Table table) : table_(table) {}

  std::string_view name() const;
  std::string_view operation() const;  // "Conv", "Clip", ...
  int input_count() const;
  int output_count() const;
  std::string_view input(int i) const;
  std::string_view output() const;

  bool has_attribute(std::string_view name) const;
  std::string_view text_attribute(std::string_view name) const;
  std::int64_t integer_attribute(std::string_view name, std::int64_t otherwise) const;
  float float_attribute(std::string_view name, float otherwise) const;
  flatbuffer::Vector integers_attribute(std::string_view name) const;  // of int64

 private:
  flatbuffer::Table attribute(std::string_view name) const;

  flatbuffer::Table table_;
};

// One model: an EDL1 or EDL2 file. Not copied, since what it hands out points into it.
class ModelView {
 public:
  ModelView() = default;
  ModelView(const ModelView&) = delete;
  ModelView& operator=(const ModelView&) = delete;

  // The bytes must outlive the view. An array that does not lie at a multiple of 4, or of its elements' size
  // if that is less, is refused when asked for: a model should start at a multiple of 16.
  Status open(std::span<const std::uint8_t> file);

  // Of the file, whatever lies behind it. Valid after a successful open.
  std::size_t file_bytes() const { return file_bytes_; }

  // kOk as long as everything read lay in the file.
  Status status() const { return buffer_.status(); }

  int node_count() const { return nodes_.size(); }
  NodeView node(int i) const { return NodeView(nodes_.table(i)); }

  std::string_view input_name() const;
  std::string_view output_name() const;
  TensorView activation(std::string_view name);
  TensorView initializer(std::string_view name);

  // Recorded inputs and the outputs they must give, as many of each.
  int test_count() const;
  TensorView test_input(int i);
  TensorView test_output(int i);

  std::string_view metadata(std::string_view key) const;

 private:
  TensorView tensor(flatbuffer::Table table);

  flatbuffer::Buffer buffer_;
  flatbuffer::Table model_, graph_;
  flatbuffer::Vector nodes_, initializers_, activations_, test_inputs_, test_outputs_;
  std::size_t file_bytes_ = 0;
  std::uint32_t raw_unit_bytes_ = 1;  // of Tensor.raw_data: 1 in EDL1, 16 in EDL2
};

// Several models in one blob (PDL1 to PDL3), or one model alone.
class PackView {
 public:
  Status open(std::span<const std::uint8_t> file);

  int size() const { return count_; }
  // Precondition: 0 <= i < size(). Empty name for a model that is alone.
  std::string_view name(int i);
  std::span<const std::uint8_t> model(int i);  // to the end of the blob: a model knows its own length

 private:
  flatbuffer::Buffer buffer_;
  std::uint32_t entries_ = 0, bytes_ = 0;
  int count_ = 0;
  bool packed_ = false;
};

}  // namespace mudra::device
