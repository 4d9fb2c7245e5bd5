// The voltages of a camera that hangs on a power chip, an AXP2101.
#pragma once

#include <array>
#include <cstdint>

#include "esp_err.h"

namespace mudra::firmware {

struct Axp2101 {
  int sda = -1, scl = -1;                          // pins of its bus
  std::array<std::uint16_t, 4> aldo_millivolts{};  // of ALDO1 to ALDO4: 500 to 3500; 0: left as it is
};

// Sets the voltages and switches these outputs on; every wait is limited.
esp_err_t set_voltages(const Axp2101& chip);

// As menuconfig says; ESP_OK where there is no such chip.
esp_err_t power_camera();

}  // namespace mudra::firmware
