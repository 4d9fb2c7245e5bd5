// What hangs on the simulated board's pins: levels, and a chip on the I2C bus.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "driver/gpio.h"

namespace mudra::firmware::host {

struct Pins {
  std::array<int, GPIO_NUM_MAX> levels;  // -1: not set as an output
  std::array<bool, GPIO_NUM_MAX> open_drain{};
  std::uint16_t i2c_address = 0;   // of the chip; 0: there is none
  int i2c_sda = -1, i2c_scl = -1;  // that it hangs on
  std::array<std::uint8_t, 256> i2c_registers{};
  std::vector<std::uint8_t>
      rmt_bytes{};   // of the last transmission, decoded from its levels as a WS2812 does
  int rmt_pin = -1;  // on which it came
  int i2c_open = 0;  // buses and devices that were not given back

  Pins() { levels.fill(-1); }
};

// All of it, anew with every power_on().
Pins& pins();

}  // namespace mudra::firmware::host
