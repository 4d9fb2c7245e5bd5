// Where your code goes. The examples are switched on in menuconfig: "mudra", "When a gesture is shown".
#include "on_gesture.hpp"

#include "gesture_led.hpp"
#include "gesture_mqtt.hpp"
#include "gesture_pins.hpp"
#include "sdkconfig.h"

namespace mudra::firmware {
namespace {

#if CONFIG_MUDRA_GESTURE_LED
GestureLed led(configured_led());
#endif
#if CONFIG_MUDRA_GESTURE_PINS
GesturePins pins(CONFIG_MUDRA_GESTURE_PIN_LIST);
#endif

}  // namespace

void begin_gestures() {
#if CONFIG_MUDRA_GESTURE_LED
  static_cast<void>(led.open());
#endif
#if CONFIG_MUDRA_GESTURE_PINS
  pins.open();
#endif
#if CONFIG_MUDRA_GESTURE_MQTT
  begin_mqtt();
#endif
}

void on_gesture([[maybe_unused]] const Gesture& gesture) {
#if CONFIG_MUDRA_GESTURE_LED
  led.show(gesture);
#endif
#if CONFIG_MUDRA_GESTURE_PINS
  pins.show(gesture);
#endif
#if CONFIG_MUDRA_GESTURE_MQTT
  publish(gesture);
#endif
  // Yours, for example: if (gesture.name == "fist") ...
}

}  // namespace mudra::firmware
