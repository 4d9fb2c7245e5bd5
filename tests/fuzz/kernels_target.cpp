// The bytes choose a small operation: the vector kernels compute it as the portable ones do, and touch only
// what they may.
#include <cstdlib>

#include "mudra/sim/virtual_chip.hpp"
#include "tests/device/random_sample.hpp"
#include "tests/fuzz/targets.hpp"

namespace mudra::fuzz {

void read_kernels(Bytes bytes) {
  alignas(device::kAlignment) static std::byte memory[1 << 21];
  sim::VirtualChip chip;
  const sim::ExecuteOn here(chip);
  const std::uint32_t seed = bytes.empty() ? 1 : 1u + bytes.back();
  if (device::s3::wrong_form(device::s3::random_sample(bytes), seed, memory)) std::abort();
}

}  // namespace mudra::fuzz
