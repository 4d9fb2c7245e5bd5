// The chip's engine on the PC, with as much memory as it needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mudra/device/engine.hpp"

namespace mudra::sim {

// Throw Error, naming the node, for anything but kOk.
void check(device::Status status);
void check(const device::Problem& problem);

class PreparedEngine {
 public:
  // The bytes of the model and the kernels must outlive it. Throws Error, naming the node, for a model the
  // engine refuses.
  PreparedEngine(std::span<const std::uint8_t> model, const device::Kernels& kernels);
  PreparedEngine(const PreparedEngine&) = delete;
  PreparedEngine& operator=(const PreparedEngine&) = delete;

  device::Engine engine;

 private:
  struct alignas(64) Line {
    std::byte bytes[64];
  };
  std::vector<Line> arena_;
};

}  // namespace mudra::sim
