#include "board.hpp"

#include "esp_app_desc.h"
#include "esp_chip_info.h"
#include "esp_flash.h"
#include "esp_heap_caps.h"
#include "esp_idf_version.h"
#include "esp_rom_sys.h"
#include "esp_system.h"
#include "sdkconfig.h"

namespace mudra::firmware {
namespace {

std::string_view reset_reason() {
  switch (esp_reset_reason()) {
    case ESP_RST_POWERON:
      return "power_on";
    case ESP_RST_EXT:
      return "external";
    case ESP_RST_SW:
      return "software";
    case ESP_RST_PANIC:
      return "panic";
    case ESP_RST_INT_WDT:
    case ESP_RST_TASK_WDT:
    case ESP_RST_WDT:
      return "watchdog";
    case ESP_RST_BROWNOUT:
      return "brownout";
    case ESP_RST_DEEPSLEEP:
      return "deep_sleep";
    case ESP_RST_USB:
      return "usb";
    default:
      return "unknown";
  }
}

esp_chip_info_t chip_info() {
  esp_chip_info_t chip = {};
  esp_chip_info(&chip);
  return chip;
}

}  // namespace

device::Boot describe_start() {
  return {.firmware = esp_app_get_description()->version, .reset = reset_reason()};
}

bool has_vector_unit() { return chip_info().model == CHIP_ESP32S3; }

Text psram_problem(int megabytes) {
  Text problem;
  if (megabytes > 0 && heap_caps_get_total_size(MALLOC_CAP_SPIRAM) == 0)
    problem << "no PSRAM is found; this board has " << static_cast<std::uint64_t>(megabytes) << " MB";
  return problem;
}

device::Board describe_board() {
  const esp_chip_info_t chip = chip_info();
  static Text revision, problem;
  problem = psram_problem(CONFIG_MUDRA_PSRAM_MB);
  revision = Text("v") << std::uint64_t{chip.revision / 100u} << "." << std::uint64_t{chip.revision % 100u};
  std::uint32_t flash_bytes = 0;
  if (esp_flash_get_size(nullptr, &flash_bytes) != ESP_OK) flash_bytes = 0;
  return {.chip = CONFIG_IDF_TARGET,
          .revision = revision.view(),
          .cores = chip.cores,
          .mhz = static_cast<std::int32_t>(esp_rom_get_cpu_ticks_per_us()),
          .flash_bytes = flash_bytes,
          .psram_bytes = static_cast<std::uint32_t>(heap_caps_get_total_size(MALLOC_CAP_SPIRAM)),
          .idf = esp_get_idf_version(),
          .firmware = esp_app_get_description()->version,
          .problem = problem.view()};
}

}  // namespace mudra::firmware
