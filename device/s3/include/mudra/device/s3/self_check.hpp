// Whether the kernels compute on this chip what the portable ones compute: before an engine relies on them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "mudra/device/s3/kernels.hpp"

namespace mudra::device::s3 {

// An operation in miniature: of as many rows as its window is high.
struct Sample {
  Operation::Kind kind = Operation::Kind::kConvolution;
  Width width = Width::kInt8;  // of inputs, and of outputs but of kConvert
  bool depthwise = false,
       saturates = false;  // weights of the whole range, and sums near the accumulators' ends
  std::uint8_t side = 1, stride = 1, pad = 0;  // of the window
  std::uint8_t in_width = 5, in_channels = 16, out_channels = 16;
  std::int8_t shift = 0;
  Range in_range = range_of(Width::kInt8), out_range = range_of(Width::kInt8);
  std::int8_t in_zero = 0, out_zero = 0;  // if its kernel can do so
};

// Runs a sample of pseudo-random numbers and extremes through both kinds of kernels: its form if they differ.
// `memory` begins at a multiple of kAlignment; what it holds afterwards has no meaning. kPortable: there is
// too little of it.
std::optional<Form> wrong_form(const Sample& sample, std::uint32_t seed, std::span<std::byte> memory);

inline constexpr std::size_t kSelfCheckBytes = 8 * 1024;

// The first wrong form of samples of which every routine runs one or more.
std::optional<Form> first_wrong_form(std::span<std::byte, kSelfCheckBytes> memory);

}  // namespace mudra::device::s3
