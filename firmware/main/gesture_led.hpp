// An example for on_gesture(): the board's LED shines while a gesture is shown, a WS2812 in a colour for
// each.
#pragma once

#include <array>
#include <cstdint>

#include "on_gesture.hpp"

struct rmt_channel_t;
struct rmt_encoder_t;

namespace mudra::firmware {

struct Led {
  int pin = -1;
  bool ws2812 = false;
  bool active_low = false, open_drain = false;  // of a plain one
};

// As menuconfig says.
Led configured_led();

using Color = std::array<std::uint8_t, 3>;  // red, green, blue

// Far apart for neighbours, dim enough for the eye; black for none.
Color color_of(const Gesture& gesture);

class GestureLed {
 public:
  explicit GestureLed(const Led& led) : led_(led) {}

  // Once; dark. False: there is no LED, or its driver refuses.
  bool open();
  void show(const Gesture& gesture);

 private:
  bool open_ws2812();
  void send(const Color& color);

  Led led_;
  bool open_ = false;
  rmt_channel_t* channel_ = nullptr;
  rmt_encoder_t* encoder_ = nullptr;
};

}  // namespace mudra::firmware
