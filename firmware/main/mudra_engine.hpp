// mudra's own engine: needs no PSRAM.
#pragma once

#include "inference_engine.hpp"
#include "mudra/device/engine.hpp"

namespace mudra::firmware {

class MudraEngine final : public InferenceEngine {
 public:
  // Vector kernels are checked when a model is loaded. On a chip that computes one of them wrong the engine
  // runs the portable ones.
  explicit MudraEngine(const device::Kernels& kernels = device::portable_kernels())
      : configured_(&kernels), kernels_(&kernels) {}

  std::string_view name() const override { return "mudra"; }
  bool load(ModelPartition& partition) override;
  void unload() override;
  std::span<std::byte> input() override { return engine_.input(); }
  bool run() override { return engine_.run() == device::Status::kOk; }
  std::span<const std::byte> output() const override { return engine_.output(); }
  int first_wrong_node(const device::Trace& trace) override {
    return device::first_wrong_node(engine_, trace);
  }
  std::string_view kernels() const override { return uses_vector_unit() ? "vector" : "portable"; }
  std::string_view weights() const override {
    if (engine_.packed_section() == device::Status::kOk) return "flash";
    return engine_.plan().packed_bytes > 0 ? "ram" : "";
  }

 private:
  bool uses_vector_unit() const;
  void check_kernels();

  const device::Kernels *configured_, *kernels_;  // what was asked for, and what runs
  device::Engine engine_;
  Block arena_;
};

}  // namespace mudra::firmware
