// Sizes and contents of packed weights (within the S3 kernels).
#pragma once

#include <cstddef>
#include <cstdint>

#include "mudra/device/operation.hpp"
#include "mudra/device/s3/kernels.hpp"

namespace mudra::device::s3 {

inline constexpr int kVector = 16;  // bytes
inline constexpr int kLaneImage = 48;

// Blocks of output channels, the last one perhaps not full.
inline int blocks_of(const Operation& convolution) {
  return convolution.in == Width::kInt8 ? (convolution.out_channels + 15) / 16
                                        : (convolution.out_channels + 7) / 8;
}
// Vectors of a window's row: of inputs, or of a depthwise convolution's columns.
int row_vectors(const Operation& convolution);

// Where the lanes' start values begin in what is packed, and where the weights.
inline constexpr int kPointwiseLanes = 2 * kVector, kConvolutionLanes = 3 * kVector;
inline int weights_after(int lanes, const Operation& convolution) {
  return lanes + blocks_of(convolution) * kLaneImage;
}

// What kDepthwise3 packs first: its routine's arguments that are the same for every row.
struct Depthwise3Arguments {
  alignas(kVector) std::int8_t outside[kVector] = {};
  std::uint32_t pixels = 0, blocks = 0, shift = 0, channels = 0, pad_left = 0, pad_right = 0, one_is_left = 0;
  std::uint32_t out_back = 0, row_back = 0;
  std::uint32_t unused[3] = {};
};
inline constexpr int kDepthwise3Block = 15 * kVector;
inline constexpr int kFirstBlock = 85 * kVector;

// Whether a start value can be written as b - 128 h of two int8.
bool splits(std::int64_t start);

void arrange(Network& network);  // forms.cpp

std::size_t packed_bytes(const Operation& operation, Form form);
void pack(const Operation& operation, Form form, std::byte* to);

}  // namespace mudra::device::s3
