// Stands in for ESP-IDF's header of this name: the chip's own USB is a file descriptor.
#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_err.h"
#include "freertos/FreeRTOS.h"

struct usb_serial_jtag_driver_config_t {
  std::uint32_t tx_buffer_size, rx_buffer_size;
};

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t* config);
int usb_serial_jtag_read_bytes(void* buffer, std::uint32_t length, TickType_t ticks);
// All of it within that time, or nothing.
int usb_serial_jtag_write_bytes(const void* source, std::size_t size, TickType_t ticks);
