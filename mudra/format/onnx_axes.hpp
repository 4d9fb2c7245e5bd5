// Activations are [n, rows, columns, channels] here and [n, channels, rows, columns] in ONNX files.
#pragma once

#include <array>

namespace mudra::format {

// Axis of ours by axis of theirs, and the other way round.
inline constexpr std::array kOurAxes{0, 3, 1, 2}, kTheirAxes{0, 2, 3, 1};

}  // namespace mudra::format
