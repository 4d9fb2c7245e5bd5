// An example for on_gesture(): the name of each gesture goes to an MQTT broker over Wi-Fi.
#pragma once

#include "on_gesture.hpp"

namespace mudra::firmware {

// Once: Wi-Fi and the client, by menuconfig; both go on trying in their own tasks.
void begin_mqtt();

// The client keeps it until the broker is there, or drops it when its memory is full.
void publish(const Gesture& gesture);

}  // namespace mudra::firmware
