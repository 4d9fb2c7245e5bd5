#include "mudra/base/hash.hpp"

#include <xxhash.h>

namespace mudra {

std::uint64_t fingerprint(std::span<const std::uint8_t> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace mudra
