// What the firmware wants of an engine, whoever wrote it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "memory.hpp"
#include "model_partition.hpp"
#include "mudra/device/trace.hpp"
#include "sdkconfig.h"
#include "text.hpp"

namespace mudra::firmware {

class InferenceEngine {
 public:
  virtual std::string_view name() const = 0;

  // Takes the model that is open, instead of one of before. False: problem() says why not, with figures when
  // something does not fit.
  virtual bool load(ModelPartition& partition) = 0;
  // Gives the model and its memory up.
  virtual void unload() {
    ready_ = false;
    arena_bytes_ = 0;
    place_ = Place::kNowhere;
    problem_ = {};
  }

  // The model's input as its integers; run() may overwrite it. Valid after a successful load, as the rest.
  virtual std::span<std::byte> input() = 0;
  virtual bool run() = 0;
  virtual std::span<const std::byte> output() const = 0;

  // Runs the input that lies in input(): the first node whose output is not the traced one, device::kNoNode
  // if there is none or it cannot be known.
  virtual int first_wrong_node(const device::Trace& trace) = 0;

  // Of device::EngineState.
  virtual std::string_view kernels() const { return ""; }
  virtual std::string_view weights() const { return ""; }

  bool is_ready() const { return ready_; }
  std::string_view problem() const { return problem_.view(); }
  // Whether it would be ready with more memory.
  bool lacks_memory() const { return !ready_ && arena_bytes_ > 0 && place_ == Place::kNowhere; }
  std::size_t arena_bytes() const { return arena_bytes_; }  // it has, or would need
  Place place() const { return place_; }

 protected:
  ~InferenceEngine() = default;

  bool ready_ = false;
  std::size_t arena_bytes_ = 0;
  Place place_ = Place::kNowhere;
  Text problem_;
};

// Of the task in which they run; ESP-DL's own needs are not known.
#if CONFIG_MUDRA_USE_ESP_DL
inline constexpr std::uint32_t kInferenceStackBytes = 16384;
#else
inline constexpr std::uint32_t kInferenceStackBytes = 12288;
#endif

// The engines that the configuration asks for, in the order in which they are loaded.
std::span<InferenceEngine* const> configured_engines();

}  // namespace mudra::firmware
