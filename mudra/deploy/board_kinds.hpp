// The boards that mudra knows: pins, memory, sockets, orientation, LED, each with its public source. This
// table is the truth; firmware/main/Kconfig.boards, firmware/boards/ and the table of docs/firmware.md are
// made from it, and a test compares.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mudra::deploy {

inline constexpr int kNoPin = -1;  // not connected

enum class PsramMode { kNone, kQuad, kOctal };
// Which socket carries the console: the chip's own USB Serial/JTAG, or a bridge on UART0.
enum class Socket { kUsb, kBridge };

struct CameraPins {
  int pwdn = kNoPin, reset = kNoPin, xclk = kNoPin, sda = kNoPin, scl = kNoPin;
  std::array<int, 8> data{};  // D0 to D7, which camera's own names call Y2 to Y9
  int vsync = kNoPin, href = kNoPin, pclk = kNoPin;
};

// An AXP2101 that gives the camera its voltages; 0: that output is left as it is.
struct PowerChip {
  int sda = kNoPin, scl = kNoPin;
  std::array<int, 4> aldo_millivolts{};  // ALDO1 to ALDO4
};

struct BoardCamera {
  std::string_view sensor;  // that the board is sold with
  CameraPins pins;
  int xclk_mhz = 20;
  bool vflip = false, mirror = false;  // what sets a hand upright
  int rotation = 0;                    // then, clockwise: 0, 90, 180 or 270
  std::optional<PowerChip> power{};
};

struct BoardLed {
  enum class Kind { kPlain, kWs2812 };
  Kind kind = Kind::kPlain;
  int pin = kNoPin;
  bool active_low = false;  // of a plain one
  bool open_drain = false;  // a plain one that must not be driven high
};

struct BoardKind {
  std::string_view name;
  std::string_view description;
  std::uint32_t flash_bytes = 0, psram_bytes = 0;
  PsramMode psram = PsramMode::kNone;
  Socket socket = Socket::kBridge;
  std::optional<BoardCamera> camera{};
  std::optional<BoardLed> led{};
  std::string_view note{};  // what is good to know, or why something is left out
  std::array<std::string_view, 4> source_list{};

  // Without the empty ones.
  std::span<const std::string_view> sources() const;
  // As Linux names it first: where it is flashed, and where it speaks.
  std::string_view port() const { return socket == Socket::kUsb ? "/dev/ttyACM0" : "/dev/ttyUSB0"; }
};

// The first is the default: what it is given fits every other one.
std::span<const BoardKind> board_kinds();

// Throws Error, naming the boards there are.
const BoardKind& board_named(std::string_view name);

}  // namespace mudra::deploy
