#include "mudra/sim/prepared_engine.hpp"

#include "mudra/base/error.hpp"

namespace mudra::sim {

void check(device::Status status) {
  if (status != device::Status::kOk) fail("{}", device::describe(status));
}

void check(const device::Problem& problem) {
  if (problem.status == device::Status::kOk) return;
  if (problem.node.empty()) fail("{}", device::describe(problem.status));
  fail("node '{}': {}", problem.node, device::describe(problem.status));
}

PreparedEngine::PreparedEngine(std::span<const std::uint8_t> model, const device::Kernels& kernels) {
  if (engine.prepare(model, {}, kernels) == device::Status::kArenaTooSmall) {
    arena_.resize(engine.arena_bytes() / sizeof(Line) + 1);
    static_cast<void>(engine.prepare(model, std::as_writable_bytes(std::span(arena_)), kernels));
  }
  check(engine.problem());
}

}  // namespace mudra::sim
