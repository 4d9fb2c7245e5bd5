// What the chip says of itself.
#pragma once

#include "mudra/device/replies.hpp"
#include "text.hpp"

namespace mudra::firmware {

device::Boot describe_start();
bool has_vector_unit();          // of an ESP32-S3
device::Board describe_board();  // the texts live for ever
// What is amiss on a board that should have so much PSRAM; empty: nothing.
Text psram_problem(int megabytes);

}  // namespace mudra::firmware
