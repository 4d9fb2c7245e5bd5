// A model with its weights packed for the chip's vector kernels behind it (device/packed_section.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/device/engine.hpp"

namespace mudra::sim {

// "flash": used in place, through the chip's cache; "ram": in the arena. Throws Error for anything else.
device::PackedWeights packed_weights_named(std::string_view name);
std::string_view name_of(device::PackedWeights where);

// The bytes of the one model at the start of `file`, without what lies behind it. Throws Error for no model.
std::span<const std::uint8_t> model_alone(std::span<const std::uint8_t> file);

// The same model and a section that replaces what lies behind it. Equal models give equal bytes. Throws
// Error, naming the node, for what the engine refuses.
std::vector<std::uint8_t> with_packed_weights(std::span<const std::uint8_t> file);

// A line: "45712 bytes of packed weights behind the model, used where they lie", or why they are not. Empty
// if the file ends with its model.
std::string describe_packed_weights(std::span<const std::uint8_t> file);

}  // namespace mudra::sim
