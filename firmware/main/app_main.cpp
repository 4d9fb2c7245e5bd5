// The start of the firmware: memory, model, engines, self-test, and then the serial line for ever.
#include "board.hpp"
#include "camera.hpp"
#include "console.hpp"
#include "inference_engine.hpp"
#include "memory.hpp"
#include "model_partition.hpp"
#include "sdkconfig.h"
#include "serial_port.hpp"

namespace mudra::firmware {
namespace {

constexpr int kPatienceMs = 20;

// Lives as long as the chip has power; too large for a stack.
struct Firmware {
  SerialPort port;
  ModelPartition partition;
  Camera camera;
  MemoryMoments moments;
  Block pictures;
};

#ifdef CONFIG_MUDRA_OWN_DECISION
constexpr device::SmoothingRule smoothing_for(const device::ModelInfo&) {
  static_assert(CONFIG_MUDRA_LEAVE_PERCENT <= CONFIG_MUDRA_ENTER_PERCENT);
  return {.pictures = CONFIG_MUDRA_SMOOTHED_PICTURES,
          .enter = device::probability_of(100 * CONFIG_MUDRA_ENTER_PERCENT),
          .leave = device::probability_of(100 * CONFIG_MUDRA_LEAVE_PERCENT)};
}
#else
device::SmoothingRule smoothing_for(const device::ModelInfo& info) { return info.decision; }
#endif

[[noreturn]] void serve() {
  static Firmware firmware;
  static_cast<void>(firmware.port.open());
  firmware.port.write(device::line_of(describe_start()).end());
  firmware.moments.boot = measure_memory("boot");

  const bool has_model = firmware.partition.open();
  // The camera first: its buffers have to lie in certain memory, an arena goes where there is room.
  const device::PictureShape shape = has_model ? firmware.partition.info().picture() : device::PictureShape{};
  static_cast<void>(firmware.camera.open(shape));
  const auto engines = configured_engines();
  if (has_model) {
    firmware.pictures = Block::allocate(Console::picture_bytes(firmware.partition.info()));
    for (InferenceEngine* engine : engines) engine->load(firmware.partition);
  }
  firmware.moments.loaded = measure_memory("loaded");

  static Console console({.port = firmware.port,
                          .partition = firmware.partition,
                          .has_model = has_model,
                          .engines = engines,
                          .camera = firmware.camera,
                          .moments = firmware.moments,
                          .smoothing = smoothing_for(firmware.partition.info())},
                         firmware.pictures.bytes());
  static_cast<void>(console.report_start());
  for (;;) console.step(kPatienceMs);
}

}  // namespace
}  // namespace mudra::firmware

extern "C" void app_main() { mudra::firmware::serve(); }
