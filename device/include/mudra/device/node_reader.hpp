// One node of a model file as an operation: its attributes, weights and exponents, checked against the
// tensors it reads.
#pragma once

#include <cstdint>

#include "mudra/device/espdl_view.hpp"
#include "mudra/device/network.hpp"
#include "mudra/device/operation.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

// An activation of the file.
struct Value {
  std::uint16_t height = 1, width = 1, channels = 1;
  Width type = Width::kInt8;
  std::int8_t exponent = 0;
  Range range;                     // that its integers keep
  TensorIndex tensor = kNoTensor;  // where they are
  std::uint8_t readers = 0;        // nodes that read it, the network's output among them; 255: or more
  std::uint16_t reader = 0;        // the last of them
  // The file's axes are [1, channels, height, width], but pixels lie one after another as ever.
  bool turned = false;
  bool alone = true;  // no other value is of the same tensor and read by others
  // Of what an Add converts while it reads: how it is stored, and by how much it is to be shifted.
  bool converted = false;
  Width stored = Width::kInt8;
  std::int16_t shift = 0;

  std::int64_t count() const { return std::int64_t{height} * width * channels; }
  bool is_line() const { return height * width == 1 || channels == 1; }  // both orders are the same
};

bool same_shape(const Value& a, const Value& b);

// The node's operation, which reads `input`, and, where it has another operand that is no constant, `second`.
// `output` has its type and exponent from the file, and gets its shape and range. kUnsupportedNode for what
// is no operation of the engine: Transpose, Flatten, Reshape and Concat only say where integers are.
Status read_operation(ModelView& view, const NodeView& node, const Value& input, const Value* second,
                      Value& output, Operation& operation);

}  // namespace mudra::device
