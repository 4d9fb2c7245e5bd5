// The sockets of the board that people and programs talk over: UART0, and the chip's own USB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mudra::firmware {

class SerialPort {
 public:
  // Once, before anything else. False if the driver refuses: then nothing comes and nothing goes.
  bool open() { return open_ = start(); }
  virtual std::string_view name() const = 0;  // "uart", "usb"

  // What has come, at most `bytes`; waits up to `timeout_ms` for the first.
  std::size_t read(std::span<char> bytes, int timeout_ms);

  // One line, whole or not at all. Waits up to kWriteLimitMs for room; after a line that found none, the next
  // ones do not wait until one goes again: an absent host costs nothing.
  void write(std::string_view line);
  // Lines that nobody took. UART0 takes all of them, whoever listens.
  std::uint32_t untaken() const { return untaken_; }

  // What was written goes out at the rate that was, within kWriteLimitMs. False: the driver does not want it.
  virtual bool set_rate(int baud) = 0;

  static constexpr int kWriteLimitMs = 100;

 protected:
  ~SerialPort() = default;

 private:
  virtual bool start() = 0;
  virtual std::size_t receive(std::span<char> bytes, int timeout_ms) = 0;
  virtual bool take(std::string_view line, int timeout_ms) = 0;

  bool open_ = false, absent_ = false;
  std::uint32_t untaken_ = 0;
};

// At 115200 baud, until told otherwise.
class UartPort final : public SerialPort {
 public:
  std::string_view name() const override { return "uart"; }
  bool set_rate(int baud) override;

 private:
  bool start() override;
  std::size_t receive(std::span<char> bytes, int timeout_ms) override;
  bool take(std::string_view line, int timeout_ms) override;
};

// USB Serial/JTAG.
class UsbPort final : public SerialPort {
 public:
  std::string_view name() const override { return "usb"; }
  bool set_rate(int) override { return true; }  // it has none

 private:
  bool start() override;
  std::size_t receive(std::span<char> bytes, int timeout_ms) override;
  bool take(std::string_view line, int timeout_ms) override;
};

}  // namespace mudra::firmware
