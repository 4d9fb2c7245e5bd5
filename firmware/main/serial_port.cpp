#include "serial_port.hpp"

#include "driver/uart.h"
#include "freertos/FreeRTOS.h"
#include "mudra/device/protocol.hpp"

namespace mudra::firmware {
namespace {

constexpr uart_port_t kPort = UART_NUM_0;
// Of what comes while a picture is classified; at 115200 baud 350 ms fill it.
constexpr int kReceiveBytes = 4096;

}  // namespace

bool SerialPort::open() {
  uart_config_t config = {};
  config.baud_rate = device::kBaudRate;
  config.data_bits = UART_DATA_8_BITS;
  config.parity = UART_PARITY_DISABLE;
  config.stop_bits = UART_STOP_BITS_1;
  config.flow_ctrl = UART_HW_FLOWCTRL_DISABLE;
  config.source_clk = UART_SCLK_DEFAULT;
  return uart_driver_install(kPort, kReceiveBytes, 0, 0, nullptr, 0) == ESP_OK &&
         uart_param_config(kPort, &config) == ESP_OK;
}

std::size_t SerialPort::read(std::span<char> bytes, int timeout_ms) {
  // One byte with the patience, the rest without: uart_read_bytes waits for as many as it is asked for.
  const int first = uart_read_bytes(kPort, bytes.data(), 1, pdMS_TO_TICKS(timeout_ms));
  if (first <= 0) return 0;
  const int rest = uart_read_bytes(kPort, bytes.data() + 1, static_cast<std::uint32_t>(bytes.size() - 1), 0);
  return 1 + static_cast<std::size_t>(rest > 0 ? rest : 0);
}

void SerialPort::write(std::string_view text) { uart_write_bytes(kPort, text.data(), text.size()); }

}  // namespace mudra::firmware
