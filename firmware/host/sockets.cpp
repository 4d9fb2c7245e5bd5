#include "sockets.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <string>

#include "driver/uart.h"
#include "driver/usb_serial_jtag.h"
#include "freertos/task.h"
#include "simulated_board.hpp"

namespace mudra::firmware::host {
namespace {

struct Sockets {
  int rate = 115200;     // of UART0
  bool clogged = false;  // nobody takes what UART0 sends
  std::deque<char> usb;  // what the USB driver has yet to hand to the host
  std::size_t usb_room = 0;
};

Sockets& sockets() {
  static Sockets sockets;
  return sockets;
}

int uart() { return hardware().uart; }
int usb() { return hardware().usb; }

bool is_ready(int line, short events, TickType_t ticks) {
  pollfd waiting{.fd = line, .events = events, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(ticks)) == 1 && (waiting.revents & events) != 0;
}

// What came while the chip was not running never reached it.
void forget_input(int line) {
  char lost[256];
  while (line >= 0 && is_ready(line, POLLIN, 0))
    if (read(line, lost, sizeof lost) <= 0) break;
}

int read_some(int line, void* buffer, std::uint32_t length, TickType_t ticks) {
  if (length == 0 || !is_ready(line, POLLIN, ticks)) return 0;
  return static_cast<int>(read(line, buffer, length));
}

speed_t speed_of(int baud) {
  switch (baud) {
    case 115200:
      return B115200;
    case 230400:
      return B230400;
    case 460800:
      return B460800;
    case 921600:
      return B921600;
    case 1'000'000:
      return B1000000;
    case 2'000'000:
      return B2000000;
    default:
      return B0;
  }
}

// Whether the other end of UART0 is at another rate - a terminal has one, whatever is behind it - or this one
// is too much for the line.
bool is_garbled() {
  termios settings{};
  if (tcgetattr(uart(), &settings) != 0) return false;
  return cfgetospeed(&settings) != speed_of(sockets().rate) || sockets().rate > hardware().most_baud;
}

// A byte at another rate than it was sent at: none of text, and no line's end.
constexpr char garbled(char byte) { return static_cast<char>((byte ^ 0x35) | 0x80); }

// As the interrupt does: whatever the host takes now.
void hand_over() {
  std::deque<char>& waiting = sockets().usb;
  while (!waiting.empty() && usb() >= 0) {
    char some[256];
    const std::size_t count = std::min(waiting.size(), sizeof some);
    std::copy_n(waiting.begin(), count, some);
    const ssize_t written = write(usb(), some, count);
    if (written <= 0) return;
    waiting.erase(waiting.begin(), waiting.begin() + written);
  }
}

}  // namespace

void plug_in() { sockets() = {}; }

}  // namespace mudra::firmware::host

using namespace mudra::firmware::host;

esp_err_t uart_driver_install(uart_port_t, int, int, int, void*, int) {
  forget_input(uart());
  return ESP_OK;
}

esp_err_t uart_param_config(uart_port_t, const uart_config_t*) { return ESP_OK; }

esp_err_t uart_set_baudrate(uart_port_t, std::uint32_t baud) {
  if (speed_of(static_cast<int>(baud)) == B0) return ESP_FAIL;
  sockets().rate = static_cast<int>(baud);
  return ESP_OK;
}

esp_err_t uart_wait_tx_done(uart_port_t, TickType_t) { return ESP_OK; }

int uart_read_bytes(uart_port_t, void* buffer, std::uint32_t length, TickType_t ticks) {
  hand_over();
  const int count = read_some(uart(), buffer, length, ticks);
  auto* bytes = static_cast<char*>(buffer);
  if (count > 0 && is_garbled()) std::transform(bytes, bytes + count, bytes, garbled);
  return count;
}

// A real line loses what nobody reads, and so does this: after a second in which nobody took anything, until
// somebody does again.
int uart_write_bytes(uart_port_t, const void* source, std::size_t size) {
  bool& clogged = sockets().clogged;
  std::string bytes(static_cast<const char*>(source), size);
  if (is_garbled()) std::ranges::transform(bytes, bytes.begin(), garbled);
  for (std::size_t done = 0; uart() >= 0 && done < size;) {
    clogged = !is_ready(uart(), POLLOUT, clogged ? 0 : 1000);
    if (clogged) break;
    const ssize_t written = write(uart(), bytes.data() + done, size - done);
    if (written < 0 && errno != EAGAIN && errno != EINTR) break;
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  return static_cast<int>(size);
}

esp_err_t usb_serial_jtag_driver_install(usb_serial_jtag_driver_config_t* config) {
  if (config->tx_buffer_size == 0 || config->rx_buffer_size <= 64) return ESP_FAIL;
  sockets().usb_room = config->tx_buffer_size;
  forget_input(usb());
  return ESP_OK;
}

int usb_serial_jtag_read_bytes(void* buffer, std::uint32_t length, TickType_t ticks) {
  hand_over();
  return read_some(usb(), buffer, length, ticks);
}

int usb_serial_jtag_write_bytes(const void* source, std::size_t size, TickType_t ticks) {
  Sockets& now = sockets();
  hand_over();
  if (now.usb.size() + size > now.usb_room && ticks > 0 && is_ready(usb(), POLLOUT, ticks)) hand_over();
  if (now.usb.size() + size > now.usb_room) return 0;
  const auto* bytes = static_cast<const char*>(source);
  now.usb.insert(now.usb.end(), bytes, bytes + size);
  hand_over();
  return static_cast<int>(size);
}
