// A fast 64-bit fingerprint of bytes (XXH3), for finding duplicates and for recognising inputs. Not a
// cryptographic hash.
#pragma once

#include <cstdint>
#include <span>

namespace mudra {

std::uint64_t fingerprint(std::span<const std::uint8_t> bytes);

}  // namespace mudra
