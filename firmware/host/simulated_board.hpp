// The board that the stand-ins of this folder pretend to be: what hardware, with what in its flash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "esp_system.h"
#include "flash.hpp"
#include "mudra/device/s3/routine.hpp"

namespace mudra::firmware::host {

struct Hardware {
  // What ESP-IDF leaves free of an ESP32-S3's 512 KB after caches, its own data and the program's.
  std::size_t internal_bytes = 288 * 1024;
  std::size_t psram_bytes = 0;
  std::uint32_t flash_bytes = 8 << 20;
  std::vector<std::uint8_t> model{};            // flashed when there is no `flash`
  std::size_t model_partition_bytes = 1 << 20;  // as in partitions.csv; 0: there is none
  std::shared_ptr<Flash> flash{};               // of the partition; null: a new one of so many bytes
  esp_reset_reason_t reset = ESP_RST_POWERON;
  std::function<void()> restart{};  // what the program does to begin anew; does not return
  // A file descriptor for both directions, or nothing is plugged in.
  int uart = -1, usb = -1;
  int most_baud = 2'000'000;  // that UART0's line can do
  // Runs the kernels for an ESP32-S3's vector unit, and outlives the board; null: the chip has none.
  device::s3::Executor* vector_unit = nullptr;
  std::filesystem::path
      pictures{};  // of the camera: binary PGMs or PPMs in one file, over and over; empty: no camera
  int camera_patience_ms = 4000;  // that its driver waits for a picture of an unplugged camera
  bool sensor_flips = true;       // the camera's sensor can turn its pictures upside down and mirror them
};

// Begins anew with this hardware: all memory is free, all of the chip's state forgotten. Throws Error for
// pictures that are none and for a model that is too large.
void power_on(const Hardware& hardware);
const Hardware& hardware();

}  // namespace mudra::firmware::host
