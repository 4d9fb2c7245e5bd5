// Stands in for ESP-IDF's header of this name: one partition, in host/flash.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "esp_err.h"

enum esp_partition_type_t { ESP_PARTITION_TYPE_DATA = 1 };
enum esp_partition_subtype_t { ESP_PARTITION_SUBTYPE_ANY = 0xFF };
enum esp_partition_mmap_memory_t { ESP_PARTITION_MMAP_DATA };
using esp_partition_mmap_handle_t = std::uint32_t;

struct esp_partition_t {
  std::uint32_t size;
  char label[17];
};

esp_err_t esp_partition_read(const esp_partition_t* partition, std::size_t offset, void* destination,
                             std::size_t size);
esp_err_t esp_partition_write(const esp_partition_t* partition, std::size_t offset, const void* source,
                              std::size_t size);
esp_err_t esp_partition_erase_range(const esp_partition_t* partition, std::size_t offset, std::size_t size);

const esp_partition_t* esp_partition_find_first(esp_partition_type_t type, esp_partition_subtype_t subtype,
                                                const char* label);
esp_err_t esp_partition_mmap(const esp_partition_t* partition, std::size_t offset, std::size_t size,
                             esp_partition_mmap_memory_t memory, const void** out_ptr,
                             esp_partition_mmap_handle_t* out_handle);
