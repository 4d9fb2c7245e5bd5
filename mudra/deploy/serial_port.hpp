// A serial port as bytes with time limits: a USB adapter's /dev/ttyUSB0, a board's own /dev/ttyACM0, or a
// pseudo-terminal.
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string_view>

namespace mudra::deploy {

class SerialPort {
 public:
  // 115200 baud, 8 data bits, no parity, 1 stop bit, bytes as they are, no flow control. Throws Error with
  // the path in front: missing, no permission (and what to do about it), in use, no terminal.
  explicit SerialPort(const std::filesystem::path& path);
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;
  ~SerialPort();

  enum class State {
    kGood,    // something was read or all was written
    kSilent,  // nothing was read within the time, or could be written
    kGone,    // the port vanished: unplugged, or its other end closed
  };

  // Another rate, both ways, at once. False: the port does not do it.
  bool set_rate(int baud);

  // Waits at most `timeout` for bytes; `count` says how many came. A signal ends the wait as silence.
  State read(std::span<char> bytes, std::size_t& count, std::chrono::milliseconds timeout);
  State write(std::string_view bytes, std::chrono::milliseconds timeout);

 private:
  int fd_;
};

}  // namespace mudra::deploy
