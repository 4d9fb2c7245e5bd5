#include "mudra_engine.hpp"

#include "sdkconfig.h"

#if CONFIG_MUDRA_KERNELS_VECTOR
#include "mudra/device/s3/self_check.hpp"
#endif

namespace mudra::firmware {
namespace {

#if CONFIG_MUDRA_WEIGHTS_FLASH
constexpr auto kConfiguredWeights = device::PackedWeights::kInPlace;
#else
constexpr auto kConfiguredWeights = device::PackedWeights::kInArena;
#endif

}  // namespace

#if CONFIG_MUDRA_KERNELS_VECTOR
bool MudraEngine::uses_vector_unit() const { return kernels_ == &device::s3::kernels(); }

// In memory that is free again for the arena.
void MudraEngine::check_kernels() {
  if (!uses_vector_unit()) return;
  const Block memory = Block::allocate(device::s3::kSelfCheckBytes);
  if (memory.bytes().empty()) {
    problem_ << "no " << std::uint64_t{device::s3::kSelfCheckBytes}
             << " bytes to check the vector kernels in";
  } else {
    const auto wrong = device::s3::first_wrong_form(memory.bytes().first<device::s3::kSelfCheckBytes>());
    if (!wrong) return;
    problem_ << "the vector kernel '" << name_of(*wrong) << "' computes wrong";
  }
  kernels_ = &device::portable_kernels();
}
#else
bool MudraEngine::uses_vector_unit() const { return false; }
void MudraEngine::check_kernels() {}
#endif

void MudraEngine::unload() {
  InferenceEngine::unload();
  arena_ = Block();
}

bool MudraEngine::load(ModelPartition& partition) {
  unload();
  kernels_ = configured_;
  check_kernels();
  auto weights = kConfiguredWeights;
  device::Status status = engine_.prepare(partition.image(), {}, *kernels_, weights);
  // Rather weights in flash than all in PSRAM.
  if (status == device::Status::kArenaTooSmall &&
      engine_.arena_bytes() > measure_memory("").internal_largest) {
    weights = device::PackedWeights::kInPlace;
    status = engine_.prepare(partition.image(), {}, *kernels_, weights);
  }
  arena_bytes_ = engine_.arena_bytes();
  if (status == device::Status::kArenaTooSmall) {
    arena_ = Block::allocate(arena_bytes_);
    place_ = arena_.place();
    if (!arena_.bytes().empty())
      status = engine_.prepare(partition.image(), arena_.bytes(), *kernels_, weights);
  }
  ready_ = status == device::Status::kOk;
  if (ready_) return true;
  if (!problem_.empty()) problem_ << "; ";
  if (!engine_.problem().node.empty()) problem_ << "node '" << engine_.problem().node << "'";
  if (status == device::Status::kArenaTooSmall)
    problem_ << " needs an arena of " << std::uint64_t{arena_bytes_}
             << " bytes in one piece; the largest free piece has " << std::uint64_t{largest_block()};
  else
    problem_ << (engine_.problem().node.empty() ? "" : ": ") << device::describe(status);
  const device::Status packed = engine_.packed_section();
  if (packed != device::Status::kOk && packed != device::Status::kNoPackedWeights)
    problem_ << "; packed weights: " << device::describe(packed);
  return false;
}

}  // namespace mudra::firmware
