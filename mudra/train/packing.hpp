// Weights between PyTorch's layout and the kernels' padded one (kernels/layout.hpp). A parameter [out, in,
// kernel_h, kernel_w] is taken as a matrix [out, rest] whose rest is in the order of a patch: kernel row,
// kernel column, channel; one [out, in] as it is.
#pragma once

#include <span>

#include "mudra/base/aligned_buffer.hpp"
#include "mudra/train/parameters.hpp"

namespace mudra::train {

// packed: [out, padded(rest)].
void pack(const Parameter& parameter, AlignedBuffer& packed);

// packed: [rest, padded(out)] or more rows, which stay as they are.
void pack_transposed(const Parameter& parameter, AlignedBuffer& packed);

// The way back, for gradients.
void unpack_gradients(std::span<const double> packed, const Parameter& parameter);
void unpack_transposed_gradients(std::span<const double> packed, const Parameter& parameter);

}  // namespace mudra::train
