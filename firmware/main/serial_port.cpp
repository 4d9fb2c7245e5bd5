#include "serial_port.hpp"

#include "driver/uart.h"
#include "driver/usb_serial_jtag.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mudra/device/protocol.hpp"

namespace mudra::firmware {
namespace {

constexpr uart_port_t kUart = UART_NUM_0;
// Of what comes while a picture is classified; at 115200 baud 350 ms fill it.
constexpr int kReceiveBytes = 4096;
// Of what a host on USB has yet to fetch.
constexpr std::uint32_t kSendBytes = 4096;

}  // namespace

std::size_t SerialPort::read(std::span<char> bytes, int timeout_ms) {
  if (open_) return receive(bytes, timeout_ms);
  if (timeout_ms > 0) vTaskDelay(pdMS_TO_TICKS(timeout_ms));
  return 0;
}

void SerialPort::write(std::string_view line) {
  absent_ = !open_ || !take(line, absent_ ? 0 : kWriteLimitMs);
  if (absent_) ++untaken_;
}

bool UartPort::start() {
  uart_config_t config = {};
  config.baud_rate = device::kBaudRate;
  config.data_bits = UART_DATA_8_BITS;
  config.parity = UART_PARITY_DISABLE;
  config.stop_bits = UART_STOP_BITS_1;
  config.flow_ctrl = UART_HW_FLOWCTRL_DISABLE;
  config.source_clk = UART_SCLK_DEFAULT;
  return uart_driver_install(kUart, kReceiveBytes, 0, 0, nullptr, 0) == ESP_OK &&
         uart_param_config(kUart, &config) == ESP_OK;
}

std::size_t UartPort::receive(std::span<char> bytes, int timeout_ms) {
  // One byte with the patience, the rest without: uart_read_bytes waits for as many as it is asked for.
  const int first = uart_read_bytes(kUart, bytes.data(), 1, pdMS_TO_TICKS(timeout_ms));
  if (first <= 0) return 0;
  const int rest = uart_read_bytes(kUart, bytes.data() + 1, static_cast<std::uint32_t>(bytes.size() - 1), 0);
  return 1 + static_cast<std::size_t>(rest > 0 ? rest : 0);
}

// Goes out at its rate, which is the limit: 257 bytes in 22 ms at 115200 baud.
bool UartPort::take(std::string_view line, int) {
  return uart_write_bytes(kUart, line.data(), line.size()) == static_cast<int>(line.size());
}

bool UartPort::set_rate(int baud) {
  static_cast<void>(uart_wait_tx_done(kUart, pdMS_TO_TICKS(kWriteLimitMs)));
  return uart_set_baudrate(kUart, static_cast<std::uint32_t>(baud)) == ESP_OK;
}

bool UsbPort::start() {
  usb_serial_jtag_driver_config_t config = {};
  config.tx_buffer_size = kSendBytes;
  config.rx_buffer_size = kReceiveBytes;
  return usb_serial_jtag_driver_install(&config) == ESP_OK;
}

std::size_t UsbPort::receive(std::span<char> bytes, int timeout_ms) {
  const int count = usb_serial_jtag_read_bytes(bytes.data(), static_cast<std::uint32_t>(bytes.size()),
                                               pdMS_TO_TICKS(timeout_ms));
  return static_cast<std::size_t>(count > 0 ? count : 0);
}

// The driver's buffer takes the whole line or nothing.
bool UsbPort::take(std::string_view line, int timeout_ms) {
  return usb_serial_jtag_write_bytes(line.data(), line.size(), pdMS_TO_TICKS(timeout_ms)) ==
         static_cast<int>(line.size());
}

}  // namespace mudra::firmware
