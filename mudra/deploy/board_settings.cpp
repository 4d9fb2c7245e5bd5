#include "mudra/deploy/board_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

namespace mudra::deploy {
namespace {

constexpr int kLastPin = 48;

std::string symbol_of(const BoardKind& board) {
  std::string symbol = "MUDRA_BOARD_";
  for (const char letter : board.name)
    symbol += letter == '-'                    ? '_'
              : letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A')
                                               : letter;
  return symbol;
}

// A whole number or a switch of menuconfig that boards have values for.
struct BoardSetting {
  std::string name, prompt, depends;
  std::function<std::optional<int>(const BoardKind&)> value;
  int fallback = 0;  // of boards that have none
  int lowest = kNoPin, highest = kLastPin;
  bool is_switch = false;
};

// Each board's, in groups of equal ones; then what the rest has.
std::string defaults_of(const BoardSetting& setting) {
  std::map<int, std::vector<std::string>> groups;
  for (const BoardKind& board : board_kinds())
    if (const auto value = setting.value(board); value && *value != setting.fallback)
      groups[*value].push_back(symbol_of(board));
  const auto word = [&](int value) {
    return setting.is_switch ? std::string(value != 0 ? "y" : "n") : fmt::to_string(value);
  };
  std::string text;
  for (const auto& [value, boards] : groups)
    text += fmt::format("    default {} if {}\n", word(value), fmt::join(boards, " || "));
  return text + fmt::format("    default {}\n", word(setting.fallback));
}

std::string kconfig_of(const BoardSetting& setting) {
  std::string text = fmt::format("\nconfig {}\n    {} \"{}\"\n", setting.name,
                                 setting.is_switch ? "bool" : "int", setting.prompt);
  if (!setting.depends.empty()) text += fmt::format("    depends on {}\n", setting.depends);
  if (!setting.is_switch) text += fmt::format("    range {} {}\n", setting.lowest, setting.highest);
  return text + defaults_of(setting);
}

// A function of the board's camera, of its power chip, of its LED.
template <typename Value>
auto of_camera(Value value) {
  return [value](const BoardKind& board) -> std::optional<int> {
    if (!board.camera) return {};
    return value(*board.camera);
  };
}
template <typename Value>
auto of_power(Value value) {
  return [value](const BoardKind& board) -> std::optional<int> {
    if (!board.camera || !board.camera->power) return {};
    return value(*board.camera->power);
  };
}
template <typename Value>
auto of_led(Value value) {
  return [value](const BoardKind& board) -> std::optional<int> {
    if (!board.led) return {};
    return value(*board.led);
  };
}

// Those without a camera of their own have the pins of the ESP32-S3-EYE.
const BoardCamera& usual_camera() { return *board_named("eye").camera; }

std::vector<BoardSetting> pin_settings() {
  struct Pin {
    const char *name, *prompt;
    int CameraPins::*pin;
    bool needed;
  };
  constexpr Pin kPins[] = {{"PWDN", "Power down", &CameraPins::pwdn, false},
                           {"RESET", "Reset", &CameraPins::reset, false},
                           {"XCLK", "XCLK", &CameraPins::xclk, false},
                           {"SDA", "SDA of the sensor's control bus (SCCB)", &CameraPins::sda, false},
                           {"SCL", "SCL of the sensor's control bus (SCCB)", &CameraPins::scl, false},
                           {"VSYNC", "VSYNC", &CameraPins::vsync, true},
                           {"HREF", "HREF", &CameraPins::href, true},
                           {"PCLK", "PCLK", &CameraPins::pclk, true}};
  std::vector<BoardSetting> settings;
  for (const Pin& pin : kPins)
    settings.push_back(
        {.name = fmt::format("MUDRA_CAMERA_{}", pin.name),
         .prompt = pin.prompt,
         .depends = "MUDRA_CAMERA",
         .value = of_camera([at = pin.pin](const BoardCamera& camera) { return camera.pins.*at; }),
         .fallback = usual_camera().pins.*pin.pin,
         .lowest = pin.needed ? 0 : kNoPin});
  for (std::size_t i = 0; i < usual_camera().pins.data.size(); ++i)
    settings.push_back({.name = fmt::format("MUDRA_CAMERA_D{}", i),
                        .prompt = fmt::format("D{} (Y{})", i, i + 2),
                        .depends = "MUDRA_CAMERA",
                        .value = of_camera([i](const BoardCamera& camera) { return camera.pins.data[i]; }),
                        .fallback = usual_camera().pins.data[i],
                        .lowest = 0});
  settings.push_back({.name = "MUDRA_CAMERA_XCLK_MHZ",
                      .prompt = "Frequency of XCLK (MHz)",
                      .depends = "MUDRA_CAMERA",
                      .value = of_camera([](const BoardCamera& camera) { return camera.xclk_mhz; }),
                      .fallback = usual_camera().xclk_mhz,
                      .lowest = 6,
                      .highest = 40});
  return settings;
}

std::vector<BoardSetting> power_settings() {
  constexpr int kMostMillivolts = 3500;
  constexpr const char* kDepends = "MUDRA_CAMERA_AXP2101";
  std::vector<BoardSetting> settings{{.name = "MUDRA_CAMERA_AXP2101",
                                      .prompt = "An AXP2101 gives the camera its voltages",
                                      .depends = "MUDRA_CAMERA",
                                      .value = of_power([](const PowerChip&) { return 1; }),
                                      .is_switch = true},
                                     {.name = "MUDRA_CAMERA_AXP2101_SDA",
                                      .prompt = "SDA of the AXP2101",
                                      .depends = kDepends,
                                      .value = of_power([](const PowerChip& chip) { return chip.sda; }),
                                      .lowest = 0},
                                     {.name = "MUDRA_CAMERA_AXP2101_SCL",
                                      .prompt = "SCL of the AXP2101",
                                      .depends = kDepends,
                                      .value = of_power([](const PowerChip& chip) { return chip.scl; }),
                                      .lowest = 0}};
  for (std::size_t i = 0; i < PowerChip{}.aldo_millivolts.size(); ++i)
    settings.push_back({.name = fmt::format("MUDRA_CAMERA_AXP2101_ALDO{}_MV", i + 1),
                        .prompt = fmt::format("ALDO{} (mV, in steps of 100; 0: as it is)", i + 1),
                        .depends = kDepends,
                        .value = of_power([i](const PowerChip& chip) { return chip.aldo_millivolts[i]; }),
                        .lowest = 0,
                        .highest = kMostMillivolts});
  return settings;
}

std::vector<BoardSetting> board_settings() {
  std::vector<BoardSetting> settings{
      {.name = "MUDRA_PSRAM_MB",
       .prompt = "PSRAM that the board has (MB; 0: none, or not known)",
       .depends = {},
       .value =
           [](const BoardKind& board) {
             return std::optional<int>(static_cast<int>(board.psram_bytes >> 20));
           },
       .lowest = 0,
       .highest = 32},
      {.name = "MUDRA_CAMERA",
       .prompt = "Camera",
       .depends = {},
       .value = [](const BoardKind& board) { return std::optional<int>(board.camera ? 1 : 0); },
       .is_switch = true},
      {.name = "MUDRA_CAMERA_VFLIP",
       .prompt = "Turn the camera's pictures upside down (vertical flip)",
       .depends = "MUDRA_CAMERA",
       .value = of_camera([](const BoardCamera& camera) { return camera.vflip ? 1 : 0; }),
       .is_switch = true},
      {.name = "MUDRA_CAMERA_MIRROR",
       .prompt = "Mirror the camera's pictures (left to right)",
       .depends = "MUDRA_CAMERA",
       .value = of_camera([](const BoardCamera& camera) { return camera.mirror ? 1 : 0; }),
       .is_switch = true},
      {.name = "MUDRA_CAMERA_QUARTER_TURNS",
       .prompt = "Then turn them clockwise (quarters: 1 is 90 degrees)",
       .depends = "MUDRA_CAMERA",
       .value = of_camera([](const BoardCamera& camera) { return camera.rotation / 90; }),
       .lowest = 0,
       .highest = 3}};
  for (const auto& more : {pin_settings(), power_settings()})
    settings.insert(settings.end(), more.begin(), more.end());
  settings.push_back({.name = "MUDRA_LED_PIN",
                      .prompt = "Pin of the LED (-1: there is none)",
                      .depends = {},
                      .value = of_led([](const BoardLed& led) { return led.pin; }),
                      .fallback = kNoPin});
  const auto led_switch = [&](const char* name, const char* prompt, bool (*is)(const BoardLed&)) {
    settings.push_back({.name = name,
                        .prompt = prompt,
                        .depends = "MUDRA_LED_PIN >= 0",
                        .value = of_led([is](const BoardLed& led) { return is(led) ? 1 : 0; }),
                        .is_switch = true});
  };
  led_switch("MUDRA_LED_WS2812", "The LED is a WS2812, which has colours",
             [](const BoardLed& led) { return led.kind == BoardLed::Kind::kWs2812; });
  led_switch("MUDRA_LED_ACTIVE_LOW", "The LED shines when its pin is low",
             [](const BoardLed& led) { return led.active_low; });
  led_switch("MUDRA_LED_OPEN_DRAIN", "The LED's pin must not be driven high (open drain)",
             [](const BoardLed& led) { return led.open_drain; });
  return settings;
}

std::string megabytes(std::uint32_t bytes) { return fmt::format("{} MB", bytes >> 20); }

std::string pins_text(const CameraPins& pins) {
  std::string text;
  const auto add = [&](const char* name, int pin) {
    if (pin != kNoPin) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, pin);
  };
  add("PWDN", pins.pwdn);
  add("RESET", pins.reset);
  add("XCLK", pins.xclk);
  add("SDA", pins.sda);
  add("SCL", pins.scl);
  text += fmt::format(", D0 to D7 {}", fmt::join(pins.data, " "));
  add("VSYNC", pins.vsync);
  add("HREF", pins.href);
  add("PCLK", pins.pclk);
  return text;
}

}  // namespace

std::string kconfig_of_boards() {
  std::string text =
      "# Made from mudra's table of boards (mudra deploy --board list shows it with its sources); a test "
      "compares.\n"
      "\nchoice MUDRA_BOARD\n    prompt \"Board\"\n    default MUDRA_BOARD_GENERIC\n    help\n"
      "        Gives the settings below the values of this board. What ESP-IDF's own menus have to know of "
      "it, the\n"
      "        sizes of flash and PSRAM, is in boards/NAME.defaults.\n";
  for (const BoardKind& board : board_kinds())
    text += fmt::format("\n    config {}\n        bool \"{}\"\n", symbol_of(board), board.description);
  text += "endchoice\n";
  for (const BoardSetting& setting : board_settings()) text += kconfig_of(setting);
  return text;
}

std::string settings_of_board(const BoardKind& board) {
  std::string text = fmt::format("CONFIG_{}=y\nCONFIG_ESPTOOLPY_FLASHSIZE_{}MB=y\n", symbol_of(board),
                                 board.flash_bytes >> 20);
  text += board.psram == PsramMode::kQuad ? "CONFIG_SPIRAM_MODE_QUAD=y\n" : "CONFIG_SPIRAM_MODE_OCT=y\n";
  if (board.camera) text += "CONFIG_MUDRA_CAMERA=y\n";
  return text;
}

std::string psram_text(const BoardKind& board) {
  if (board.psram == PsramMode::kNone) return "0";
  return megabytes(board.psram_bytes) + (board.psram == PsramMode::kOctal ? " octal" : " quad");
}

std::string led_text(const BoardKind& board) {
  if (!board.led) return "-";
  const BoardLed& led = *board.led;
  return fmt::format("{}, GPIO{}{}{}", led.kind == BoardLed::Kind::kWs2812 ? "WS2812" : "plain", led.pin,
                     led.active_low ? ", on when low" : "", led.open_drain ? ", open drain" : "");
}

std::string orientation_text(const BoardCamera& camera) {
  std::vector<std::string> words;
  if (camera.vflip) words.emplace_back("flipped");
  if (camera.mirror) words.emplace_back("mirrored");
  if (camera.rotation != 0) words.push_back(fmt::format("turned by {}", camera.rotation));
  return words.empty() ? "as it comes" : fmt::format("{}", fmt::join(words, ", "));
}

std::string_view name_of(Socket socket) { return socket == Socket::kUsb ? "USB" : "UART bridge"; }

std::string markdown_of_boards() {
  std::string text =
      "| board | | flash | PSRAM | socket | port | camera | its picture | LED "
      "|\n|---|---|---|---|---|---|---|---|---|\n";
  for (const BoardKind& board : board_kinds())
    text += fmt::format("| `{}` | {} | {} | {} | {} | `{}` | {} | {} | {} |\n", board.name, board.description,
                        megabytes(board.flash_bytes), psram_text(board), name_of(board.socket), board.port(),
                        board.camera ? board.camera->sensor : "-",
                        board.camera ? orientation_text(*board.camera) : "-", led_text(board));
  return text;
}

std::string text_of_boards() {
  std::string text = fmt::format("{:<16}{:<7}{:<12}{:<13}{}\n", "board", "flash", "PSRAM", "socket", "LED");
  for (const BoardKind& board : board_kinds()) {
    text += fmt::format("{:<16}{:<7}{:<12}{:<13}{}\n", board.name, megabytes(board.flash_bytes),
                        psram_text(board), name_of(board.socket), led_text(board));
    text += fmt::format("  {}\n", board.description);
    if (board.camera)
      text +=
          fmt::format("  camera {}, XCLK {} MHz, its picture {}\n    {}\n", board.camera->sensor,
                      board.camera->xclk_mhz, orientation_text(*board.camera), pins_text(board.camera->pins));
    if (!board.note.empty()) text += fmt::format("  note: {}\n", board.note);
    for (const std::string_view source : board.sources()) text += fmt::format("  source: {}\n", source);
  }
  return text;
}

}  // namespace mudra::deploy
