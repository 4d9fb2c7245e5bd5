#include "simulated_board.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>

#include "esp_app_desc.h"
#include "esp_chip_info.h"
#include "esp_flash.h"
#include "esp_heap_caps.h"
#include "esp_idf_version.h"
#include "esp_partition.h"
#include "esp_rom_sys.h"
#include "esp_timer.h"
#include "heap.hpp"
#include "mudra/base/error.hpp"
#include "picture_file.hpp"
#include "sdkconfig.h"
#include "simulated_pins.hpp"
#include "sockets.hpp"
#include "tasks.hpp"

namespace mudra::firmware::host {
namespace {

struct Board {
  Hardware hardware;
  std::optional<Heap> internal, psram;
  esp_partition_t partition{};
};

Board& board() {
  static Board board;
  return board;
}

std::optional<Heap>& heap_of(std::uint32_t caps) {
  return (caps & MALLOC_CAP_SPIRAM) != 0 ? board().psram : board().internal;
}

std::int64_t now_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

void power_on(const Hardware& hardware) {
  Board& now = board();
  now.hardware = hardware;
  begin_tasks();
  now.internal.emplace(hardware.internal_bytes);
  now.psram.emplace(hardware.psram_bytes);
  if (hardware.flash == nullptr) {
    now.hardware.flash = std::make_shared<Flash>(hardware.model_partition_bytes);
    if (hardware.model_partition_bytes > 0) now.hardware.flash->program(hardware.model);
  }
  now.partition = {.size = static_cast<std::uint32_t>(now.hardware.flash->bytes().size()), .label = "model"};
  plug_in();
  pins() = {};
  open_pictures(hardware.pictures);
}

const Hardware& hardware() { return board().hardware; }

}  // namespace mudra::firmware::host

using mudra::firmware::host::board;
using mudra::firmware::host::heap_of;

const char* esp_err_to_name(esp_err_t error) {
  switch (error) {
    case ESP_OK:
      return "ESP_OK";
    case ESP_ERR_NO_MEM:
      return "ESP_ERR_NO_MEM";
    case 0x20001:
      return "ESP_ERR_CAMERA_NOT_DETECTED";
    default:
      return "ESP_FAIL";
  }
}

void* heap_caps_aligned_alloc(std::size_t alignment, std::size_t size, std::uint32_t caps) {
  return heap_of(caps)->allocate(alignment, size);
}

void heap_caps_free(void* memory) {
  if (memory == nullptr) return;
  auto& internal = board().internal;
  internal->owns(memory) ? internal->release(memory) : board().psram->release(memory);
}

std::size_t heap_caps_get_total_size(std::uint32_t caps) { return heap_of(caps)->total_bytes(); }
std::size_t heap_caps_get_free_size(std::uint32_t caps) { return heap_of(caps)->free_bytes(); }
std::size_t heap_caps_get_minimum_free_size(std::uint32_t caps) { return heap_of(caps)->least_free_bytes(); }
std::size_t heap_caps_get_largest_free_block(std::uint32_t caps) {
  return heap_of(caps)->largest_free_block();
}

const esp_partition_t* esp_partition_find_first(esp_partition_type_t, esp_partition_subtype_t,
                                                const char* label) {
  const esp_partition_t& partition = board().partition;
  return partition.size > 0 && std::strcmp(label, partition.label) == 0 ? &partition : nullptr;
}

esp_err_t esp_partition_mmap(const esp_partition_t* partition, std::size_t offset, std::size_t size,
                             esp_partition_mmap_memory_t, const void** out_ptr,
                             esp_partition_mmap_handle_t* out_handle) {
  if (offset + size > partition->size) return ESP_FAIL;
  *out_ptr = board().hardware.flash->bytes().data() + offset;
  *out_handle = 1;
  return ESP_OK;
}

esp_err_t esp_partition_read(const esp_partition_t* partition, std::size_t offset, void* destination,
                             std::size_t size) {
  if (offset > partition->size || size > partition->size - offset) return ESP_FAIL;
  std::memcpy(destination, board().hardware.flash->bytes().data() + offset, size);
  return ESP_OK;
}

esp_err_t esp_partition_write(const esp_partition_t*, std::size_t offset, const void* source,
                              std::size_t size) {
  const std::span bytes(static_cast<const std::uint8_t*>(source), size);
  return board().hardware.flash->write(offset, bytes) ? ESP_OK : ESP_FAIL;
}

esp_err_t esp_partition_erase_range(const esp_partition_t*, std::size_t offset, std::size_t size) {
  return board().hardware.flash->erase(offset, size) ? ESP_OK : ESP_FAIL;
}

std::int64_t esp_timer_get_time() {
  static const std::int64_t start = mudra::firmware::host::now_us();
  return mudra::firmware::host::now_us() - start;
}

void esp_restart() {
  if (board().hardware.restart) board().hardware.restart();
  std::abort();
}

esp_reset_reason_t esp_reset_reason() { return board().hardware.reset; }
void esp_chip_info(esp_chip_info_t* info) {
  *info = {.model = board().hardware.vector_unit == nullptr ? CHIP_POSIX_LINUX : CHIP_ESP32S3,
           .revision = 2,
           .cores = 2};
}
std::uint32_t esp_rom_get_cpu_ticks_per_us() { return 240; }
const char* esp_get_idf_version() { return "none"; }

const esp_app_desc_t* esp_app_get_description() {
  static constexpr esp_app_desc_t kDescription{.version = MUDRA_VERSION};
  return &kDescription;
}

esp_err_t esp_flash_get_size(esp_flash_t*, std::uint32_t* size) {
  *size = board().hardware.flash_bytes;
  return ESP_OK;
}
