// The start of the firmware: memory, model, engines, self-test, and then the serial line for ever.
#include "board.hpp"
#include "camera.hpp"
#include "classifier.hpp"
#include "console.hpp"
#include "conversation.hpp"
#include "gesture_events.hpp"
#include "inference_engine.hpp"
#include "memory.hpp"
#include "model_partition.hpp"
#include "sdkconfig.h"
#include "serial_port.hpp"
#include "worker.hpp"

namespace mudra::firmware {
namespace {

constexpr int kPatienceMs = 20;

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

// Everything lives as long as the chip has power, and is too large for a stack.
[[noreturn]] void serve() {
  static UartPort uart;
  static UsbPort usb;
  static MemoryMoments moments;
  static ModelPartition partition;
  static Camera camera;
  static GestureEvents gestures;
  static Worker inference("inference", kInferenceStackBytes, 1);
  static Conversation conversations[] = {Conversation(uart), Conversation(usb)};
  static Classifier classifier({.partition = partition,
                                .engines = configured_engines(),
                                .camera = camera,
                                .moments = moments,
                                .decision = smoothing_for,
                                .inference = inference,
                                .gestures = &gestures});
  static_cast<void>(uart.open());
  static_cast<void>(usb.open());
  for (Conversation& talk : conversations) talk.send(describe_start());
  moments.boot = measure_memory("boot");
  static_cast<void>(inference.start());
  classifier.load();
  if (gestures.open()) static_cast<void>(gestures.start());
  moments.loaded = measure_memory("loaded");

  static Console console(conversations, classifier, moments);
  static_cast<void>(console.report_start());
#if CONFIG_MUDRA_STREAM_FROM_START
  console.stream_from_start();
#endif
  for (;;) console.step(kPatienceMs);
}

}  // namespace
}  // namespace mudra::firmware

extern "C" void app_main() { mudra::firmware::serve(); }
