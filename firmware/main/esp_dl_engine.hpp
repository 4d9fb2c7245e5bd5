// Espressif's ESP-DL as an engine, to compare with or to use: needs PSRAM for models of usual size.
#pragma once

#include "inference_engine.hpp"

namespace dl {
class Model;
}

namespace mudra::firmware {

class EspDlEngine final : public InferenceEngine {
 public:
  std::string_view name() const override { return "esp-dl"; }
  // There is no way back from a model that ESP-DL dislikes: what it took for that is lost until a restart.
  bool load(ModelPartition& partition) override;
  void unload() override;
  std::span<std::byte> input() override;
  bool run() override;
  std::span<const std::byte> output() const override;
  int first_wrong_node(const device::Trace& trace) override;

 private:
  bool fits(ModelPartition& partition);

  ModelPartition* partition_ = nullptr;
  dl::Model* model_ = nullptr;
};

}  // namespace mudra::firmware
