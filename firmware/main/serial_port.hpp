// UART0 at 115200 baud, the line that people and programs talk over.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace mudra::firmware {

class SerialPort {
 public:
  // Once, before anything else. False if the driver refuses.
  bool open();

  // What has come, at most `bytes`; waits up to `timeout_ms` for the first.
  std::size_t read(std::span<char> bytes, int timeout_ms);

  // Waits until the driver has taken all of it.
  void write(std::string_view text);
};

}  // namespace mudra::firmware
