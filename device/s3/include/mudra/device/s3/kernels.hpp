// Kernels for the vector unit of the ESP32-S3, in its assembly language. On the chip they are called; on a PC
// somebody executes their text (routine.hpp). Whatever they cannot compute exactly is left to the portable
// ones, operation by operation.
#pragma once

#include <string_view>

#include "mudra/device/kernels.hpp"

namespace mudra::device::s3 {

inline constexpr std::uint32_t kKernelsId = 0x33534545;  // "EES3"
// One more whenever the same model is packed into other bytes.
inline constexpr std::uint32_t kPackingVersion = 1;

// They make whole rows: Tile::x is 0.
const Kernels& kernels();

// How an operation is computed, as Kernels::arrange has left it.
enum class Form : std::uint8_t {
  kPortable,
  kFirst,        // 3x3 with stride 2 of one channel
  kExpand,       // 1x1 of 16, 24 or 32 channels
  kPointwise,    // 1x1 of a multiple of 16 channels
  kDepthwise3,   // 3x3
  kConvolution,  // any window
  kDepthwise,    // any window
  kAdd,
  kClamp,
  kConvert,
  kAverage,  // of the whole picture
};
Form form_of(const Operation& operation);
std::string_view name_of(Form form);  // "portable", "first", ...
// Why no kernel computes exactly this operation; empty: one does.
const char* why_portable(const Operation& operation);

// Whether the lanes' start values hold half of the last place, so that one shift rounds: where it is proven
// that no lane saturates. Else sums are rounded in two steps, in the chip's order of products.
bool rounds_at_once(const Operation& convolution);

}  // namespace mudra::device::s3
