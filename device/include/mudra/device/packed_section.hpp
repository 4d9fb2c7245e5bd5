// Weights as kernels want them, packed on a PC and kept behind a model, so that the chip uses them where they
// lie. The section begins at the first multiple of 16 from the model's start that is behind its last byte;
// all numbers are little endian:
//
//    0  "MPK1"
//    4  u32 crc32 (line.hpp) of the section from byte 8 on
//    8  u32 bytes of the section, a multiple of 16
//   12  u32 Kernels::id
//   16  u32 Kernels::version
//   20  u32 crc32 of the model
//   24  u32 operations of the network
//   28  u32 0
//   32  for each operation u32 where its block begins in the section, 0 without one; zeros up to a multiple
//   of 16
//   ..  the blocks, each at a multiple of 16, as Kernels::pack makes them
//
// A model's own header says where it ends: who does not know of the section does not see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mudra/device/kernels.hpp"
#include "mudra/device/network.hpp"
#include "mudra/device/status.hpp"

namespace mudra::device {

struct PackedHeader {
  static constexpr std::size_t kBytes = 32;
  static constexpr char kMagic[] = {'M', 'P', 'K', '1'};

  std::uint32_t bytes = 0;  // of the section
  std::uint32_t kernels = 0, version = 0;
  std::uint32_t model = 0;  // its crc32
  std::uint32_t operations = 0;
};

// The header of the section behind the first `model_bytes` of `file`, which may go on behind the section, and
// is checked as far as it can be without the network. kNoPackedWeights if there is nothing or something else,
// kTruncated, kBadChecksum, kBadOffset.
Status read_packed_header(std::span<const std::uint8_t> file, std::size_t model_bytes, PackedHeader& header);

// Gives every operation of an arranged network its block of the section, or none of them one. Also
// kOtherKernels, kOtherModel, kMisaligned where the file does not lie at a multiple of kAlignment.
Status use_packed_section(std::span<const std::uint8_t> file, std::size_t model_bytes, const Kernels& kernels,
                          Network& network);

}  // namespace mudra::device
