// What ports say that do not speak the protocol, as people post it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mudra::deploy {

struct ForeignTalk {
  std::string_view sign;  // of the KnownTalk it is
  std::string bytes;      // said again and again
};

inline std::vector<ForeignTalk> foreign_talk() {
  const std::string rom = "ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n";
  const std::string boot = rom + "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n";
  std::string noise;
  for (int i = 0; i < 300; ++i) noise += static_cast<char>((i * 73 + 41) % 256 | 0x80);
  return {
      {"`waiting for download`",
       rom + "rst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))\r\nwaiting for download\r\n"},
      {"`Brownout detector was triggered`",
       boot + "\r\nE BOD: Brownout detector was triggered\r\n\r\nrst:0x15 (USB_UART_CHIP_RESET)\r\n"},
      {"`invalid header: 0xffffffff`",
       rom + "rst:0x7 (TG0WDT_SYS_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\nSaved PC:0x40048836\r\n"
             "invalid header: 0xffffffff\r\ninvalid header: 0xffffffff\r\n"},
      {"`Detected size(4096k) smaller than the size in the binary image header(8192k)`",
       "E (374) spi_flash: Detected size(4096k) smaller than the size in the binary image header(8192k). "
       "Probe "
       "failed.\r\n\r\nassert failed: do_core_init startup.c:328 (flash_ret == "
       "ESP_OK)\r\n\r\nRebooting...\r\n"},
      {"`PSRAM chip is not connected, or wrong PSRAM line mode`",
       "E (242) octal_psram: PSRAM chip is not connected, or wrong PSRAM line mode\r\nE cpu_start: Failed to "
       "init "
       "external RAM!\r\n\r\nabort() was called at PC 0x40377a5e on core 0\r\n\r\nRebooting...\r\n"},
      {"`PSRAM chip is not connected, or wrong PSRAM line mode`",
       "E (200) quad_psram: PSRAM ID read error: 0x00ffffff, PSRAM chip not found or not supported\r\n"},
      {"`No bootable app partitions`",
       "E (47) esp_image: Image length 1096624 doesn't fit in partition length 1048576\r\nE (49) boot: "
       "Factory app "
       "partition is not bootable\r\nE (53) boot: No bootable app partitions in the partition table\r\n"},
      {"`Checksum failed`, `flash read err`",
       boot + "E (87) esp_image: Checksum failed. Calculated 0x12 read 0xff\r\n"},
      {"`Checksum failed`, `flash read err`",
       "flash read err, 1000\r\nets_main.c 371 \r\nets Jun  8 2016\r\n"},
      {"`Guru Meditation Error`, `abort() was called`, `assert failed`",
       "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\r\n\r\nCore  0 "
       "register "
       "dump:\r\nBacktrace: 0x42008a19:0x3fc98fd0\r\n\r\nRebooting...\r\n" +
           boot},
      {"`Guru Meditation Error`, `abort() was called`, `assert failed`",
       "abort() was called at PC 0x4200f3c1 on core 0\r\n\r\nRebooting...\r\n" + boot},
      {"`rst:0x...` again and again", boot + boot},
      {"bytes that are no text", noise},
      {"`MicroPython`, `>>>`",
       "MicroPython v1.22.0 on 2023-12-27; Generic ESP32S3 module with ESP32S3\r\n>>> \r\n"},
      {"`I (1234) name: ...`, `Hello world!`",
       "Hello world!\r\nThis is esp32s3 chip with 2 CPU core(s)\r\nRestarting in 10 seconds...\r\n"},
      {"`I (1234) name: ...`, `Hello world!`", "I (1234) GESTURE: category: fist, score: 0.99\r\n"},
      {"anything else", std::string(4000, 'x') + "\r\n"},
      {"anything else", std::string(10000, 'A')},
      {"anything else", "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"},
      {"anything else", "AT\r\nERROR\r\nI (no log) here\r\n"},
  };
}

}  // namespace mudra::deploy
