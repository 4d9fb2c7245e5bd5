// Weights between PyTorch's layout and the kernels' padded one (kernels/layout.hpp). A parameter is taken as
// a matrix [out, rest], out being its first extent.
#pragma once

#include <span>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/train/network.hpp"

namespace mudra::train {

// packed: [out, padded(rest)].
void pack(const Parameter& parameter, AlignedBuffer& packed);

// packed: [rest, padded(out)] or more rows, which stay as they are.
void pack_transposed(const Parameter& parameter, AlignedBuffer& packed);

// The way back, for gradients.
void unpack_gradients(std::span<const double> packed, Parameter& parameter);
void unpack_transposed_gradients(std::span<const double> packed, Parameter& parameter);

}  // namespace mudra::train
