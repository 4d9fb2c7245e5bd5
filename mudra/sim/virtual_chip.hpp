// The chip's vector kernels on the virtual ESP32-S3: so that the engine runs on a PC with what it runs on the
// chip.
#pragma once

#include "mudra/device/s3/routine.hpp"
#include "mudra/s3/machine.hpp"

namespace mudra::sim {

// The assembly files of device/s3, assembled once.
const s3::Program& vector_kernels();

// One thread's at a time:
//
//   VirtualChip chip;
//   const ExecuteOn here(chip);
//   engine.prepare(model, arena, device::s3::kernels());
//   engine.run();
//
// Throws Error where a kernel does what is not allowed, names kernel, line and instruction, and leaves what
// was computed so far.
class VirtualChip final : public device::s3::Executor {
 public:
  std::uint32_t map(const void* at, std::uint32_t bytes, std::uint32_t before, bool writable) override;
  void call(const char* routine, const std::uint32_t* words, std::size_t count) override;

  // Of the calls since it was asked last.
  s3::Counts take_counts() { return std::exchange(counts_, {}); }

 private:
  s3::Machine machine_;
  s3::Memory memory_;
  s3::Counts counts_;
};

class ExecuteOn {
 public:
  explicit ExecuteOn(device::s3::Executor& executor) { device::s3::execute_with(&executor); }
  ~ExecuteOn() { device::s3::execute_with(nullptr); }
  ExecuteOn(const ExecuteOn&) = delete;
  ExecuteOn& operator=(const ExecuteOn&) = delete;
};

}  // namespace mudra::sim
