#include "mudra_engine.hpp"

namespace mudra::firmware {

bool MudraEngine::load(ModelPartition& partition) {
  device::Status status = engine_.prepare(partition.model(), {}, kernels_);
  arena_bytes_ = engine_.arena_bytes();
  if (status == device::Status::kArenaTooSmall) {
    arena_ = Block::allocate(arena_bytes_);
    place_ = arena_.place();
    if (arena_.bytes().empty()) {
      problem_ << "node '" << engine_.problem().node << "' needs an arena of " << std::uint64_t{arena_bytes_}
               << " bytes in one piece; the largest free piece has " << std::uint64_t{largest_block()};
      return false;
    }
    status = engine_.prepare(partition.model(), arena_.bytes(), kernels_);
  }
  ready_ = status == device::Status::kOk;
  if (!ready_ && !engine_.problem().node.empty()) problem_ << "node '" << engine_.problem().node << "': ";
  if (!ready_) problem_ << device::describe(status);
  return ready_;
}

}  // namespace mudra::firmware
