#include "mudra/deploy/board_kinds.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "mudra/base/error.hpp"

namespace mudra::deploy {
namespace {

constexpr std::uint32_t kMegabyte = 1u << 20;

// Pins that several boards took over from Espressif's.
constexpr CameraPins kEyePins{.xclk = 15,
                              .sda = 4,
                              .scl = 5,
                              .data = {11, 9, 8, 10, 12, 18, 17, 16},
                              .vsync = 6,
                              .href = 7,
                              .pclk = 13};

constexpr std::string_view kArduinoPins =
    "https://github.com/espressif/arduino-esp32/blob/376481048c936764fa337366ead24033840be234/libraries/"
    "ESP32/"
    "examples/Camera/CameraWebServer/camera_pins.h";

constexpr std::array kBoardKinds{
    BoardKind{.name = "generic",
              .description = "any ESP32-S3 with 8 MB of flash, with or without octal PSRAM",
              .flash_bytes = 8 * kMegabyte,
              .note = "a camera's pins: menuconfig"},
    BoardKind{.name = "devkitc",
              .description = "ESP32-S3-DevKitC-1 N8R8",
              .flash_bytes = 8 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .psram = PsramMode::kOctal,
              .led = BoardLed{.kind = BoardLed::Kind::kWs2812, .pin = 38},
              .note = "the LED of v1.1; of v1.0 it is on GPIO48. The socket \"USB\" carries the console, too",
              .source_list = {"https://docs.espressif.com/projects/esp-idf/en/v5.3.1/esp32s3/hw-reference/"
                              "esp32s3/user-guide-devkitc-1.html",
                              "https://docs.espressif.com/projects/esp-idf/en/v5.0/esp32s3/hw-reference/"
                              "esp32s3/user-guide-devkitc-1-v1.0.html"}},
    BoardKind{.name = "eye",
              .description = "ESP32-S3-EYE",
              .flash_bytes = 8 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .psram = PsramMode::kOctal,
              .socket = Socket::kUsb,
              .camera = BoardCamera{.sensor = "OV2640", .pins = kEyePins, .vflip = true},
              .led = BoardLed{.pin = 3, .open_drain = true},
              .note = "UART0's pins are the display's",
              .source_list = {"https://github.com/espressif/esp-bsp/blob/"
                              "8ebe64a812baa13cc6b403133a0f2cbaa149c6af/bsp/esp32_s3_eye/include/bsp/"
                              "esp32_s3_eye.h",
                              "https://github.com/espressif/esp-who/blob/master/docs/en/get-started/"
                              "ESP32-S3-EYE_Getting_Started_Guide.md",
                              kArduinoPins}},
    BoardKind{
        .name = "xiao",
        .description = "Seeed Studio XIAO ESP32S3 Sense",
        .flash_bytes = 8 * kMegabyte,
        .psram_bytes = 8 * kMegabyte,
        .psram = PsramMode::kOctal,
        .socket = Socket::kUsb,
        .camera = BoardCamera{.sensor = "OV2640",
                              .pins = {.xclk = 10,
                                       .sda = 40,
                                       .scl = 39,
                                       .data = {15, 17, 18, 16, 14, 12, 11, 48},
                                       .vsync = 38,
                                       .href = 47,
                                       .pclk = 13}},
        .led = BoardLed{.pin = 21, .active_low = true},
        .note = "no source states how its camera is mounted: if a hand is upside down, set vertical flip",
        .source_list = {kArduinoPins,
                        "https://github.com/espressif/arduino-esp32/blob/"
                        "366ee54dc76383e555d2d51bd428ee112fbf8660/variants/XIAO_ESP32S3/pins_arduino.h",
                        "https://github.com/zephyrproject-rtos/zephyr/blob/"
                        "07d5b2e3b9ae50ed56cb6c95b0239267488f14d3/boards/seeed/xiao_esp32s3/"
                        "xiao_esp32s3_procpu_common.dtsi"}},
    BoardKind{.name = "freenove-cam",
              .description = "Freenove ESP32-S3 WROOM CAM (FNK0085)",
              .flash_bytes = 8 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .psram = PsramMode::kOctal,
              .camera = BoardCamera{.sensor = "OV2640", .pins = kEyePins, .vflip = true},
              .led = BoardLed{.kind = BoardLed::Kind::kWs2812, .pin = 48},
              .note = "a CH343 bridge is /dev/ttyACM0. The other socket carries the console, too",
              .source_list = {"https://github.com/Freenove/Freenove_ESP32_S3_WROOM_Board/blob/"
                              "1e170ac8a7e8e1dfe6c936b8ca35e22231865496/C/Sketches/"
                              "Sketch_07.1_CameraWebServer/Sketch_07.1_CameraWebServer.ino",
                              kArduinoPins,
                              "https://github.com/luc-github/esp3d.io/blob/main/src/content/esp3d/v3.x/"
                              "hardware/esp32-s3/freenove/_index.md"}},
    BoardKind{
        .name = "lilygo-t-camera",
        .description = "LilyGO T-Camera S3 (v1.6, v1.7)",
        .flash_bytes = 16 * kMegabyte,
        .psram_bytes = 8 * kMegabyte,
        .psram = PsramMode::kOctal,
        .socket = Socket::kUsb,
        .camera =
            BoardCamera{.sensor = "OV2640",
                        .pins = {.reset = 39,
                                 .xclk = 38,
                                 .sda = 5,
                                 .scl = 4,
                                 .data = {14, 47, 48, 21, 13, 11, 10, 9},
                                 .vsync = 8,
                                 .href = 18,
                                 .pclk = 12},
                        .vflip = true,
                        .mirror = true,
                        .power = PowerChip{.sda = 7, .scl = 6, .aldo_millivolts = {1800, 2800, 0, 3000}}},
        .note = "its AXP2101 gives the camera its voltages, set by the firmware before the camera starts",
        .source_list = {"https://github.com/Xinyuan-LilyGO/LilyGo-Cam-ESP32S3/blob/"
                        "41ed7980a474acbb0960ca2225fcff92cf26638a/examples/factory/utilities.h",
                        "https://github.com/Xinyuan-LilyGO/LilyGo-Cam-ESP32S3/blob/"
                        "086b080b78cb7fbd89cbfc44aa36c35b0acbafab/README.MD",
                        "https://github.com/Xinyuan-LilyGO/LilyGo-Cam-ESP32S3/blob/"
                        "0bbdcd573d5d2fd7b33fe03d32a5761829b7b54e/examples/MinimalCameraExample/"
                        "MinimalCameraExample.ino"}},
    BoardKind{.name = "m5-cores3",
              .description = "M5Stack CoreS3",
              .flash_bytes = 16 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .psram = PsramMode::kQuad,
              .socket = Socket::kUsb,
              .note =
                  "without its camera, which needs a power chip and an I/O expander that the firmware does "
                  "not set: pictures come over the line",
              .source_list = {"https://github.com/espressif/esp-bsp/blob/"
                              "8ebe64a812baa13cc6b403133a0f2cbaa149c6af/bsp/m5stack_core_s3/src/"
                              "bsp_feature_en.c",
                              "https://github.com/espressif/esp-bsp/blob/"
                              "8ebe64a812baa13cc6b403133a0f2cbaa149c6af/examples/display_camera_video/"
                              "sdkconfig.bsp.m5stack_core_s3",
                              "https://docs.m5stack.com/en/core/CoreS3"}},
    BoardKind{.name = "waveshare",
              .description = "Waveshare ESP32-S3-CAM-OVxxxx",
              .flash_bytes = 16 * kMegabyte,
              .psram_bytes = 8 * kMegabyte,
              .psram = PsramMode::kOctal,
              .socket = Socket::kUsb,
              .camera = BoardCamera{.sensor = "OV2640, OV3660 or OV5640",
                                    .pins = {.xclk = 38,
                                             .sda = 8,
                                             .scl = 7,
                                             .data = {45, 47, 48, 46, 42, 40, 39, 21},
                                             .vsync = 17,
                                             .href = 18,
                                             .pclk = 41}},
              .note = "UART0's pins are the card slot's; its LED hangs on an I/O expander and is left out",
              .source_list = {"https://github.com/waveshareteam/Waveshare-ESP32-components/blob/"
                              "b9a7308173d196925d6853daaa754f414e21eab8/bsp/esp32_s3_cam_ovxxxx/include/bsp/"
                              "esp32_s3_cam_ovxxxx.h",
                              "https://github.com/waveshareteam/ESP32-S3-CAM-OVxxxx/blob/"
                              "8fc8770598630d8192f375a3562197e3d025c5fe/examples/ESP-IDF-v5.5.1/"
                              "01_simple_video_server/sdkconfig"}},
};

}  // namespace

std::span<const std::string_view> BoardKind::sources() const {
  const auto end = std::ranges::find(source_list, std::string_view());
  return {source_list.begin(), end};
}

std::span<const BoardKind> board_kinds() { return kBoardKinds; }

const BoardKind& board_named(std::string_view name) {
  const auto found = std::ranges::find(kBoardKinds, name, &BoardKind::name);
  if (found != kBoardKinds.end()) return *found;
  std::vector<std::string_view> names;
  for (const BoardKind& board : kBoardKinds) names.push_back(board.name);
  fail("there is no board '{}', only {}", name, fmt::join(names, ", "));
}

}  // namespace mudra::deploy
