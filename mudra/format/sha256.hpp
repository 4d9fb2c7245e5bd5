// SHA-256 (FIPS 180-4), the checksum of a pack of .espdl files.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace mudra::format {

std::array<std::uint8_t, 32> sha256(std::span<const std::uint8_t> bytes);

}  // namespace mudra::format
