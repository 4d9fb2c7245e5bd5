#include "model_partition.hpp"

#include <algorithm>

#include "esp_err.h"
#include "esp_partition.h"

namespace mudra::firmware {

bool ModelPartition::map() {
  const esp_partition_t* partition =
      esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, kModelPartition);
  if (partition == nullptr) {
    problem_ << "the flash has no partition 'model'; flash the partition table";
    return false;
  }
  partition_bytes_ = partition->size;
  const void* address = nullptr;
  esp_partition_mmap_handle_t handle = 0;
  const esp_err_t error =
      esp_partition_mmap(partition, 0, partition->size, ESP_PARTITION_MMAP_DATA, &address, &handle);
  if (error != ESP_OK) {
    problem_ << "partition 'model' of " << std::uint64_t{partition->size}
             << " bytes cannot be mapped: " << esp_err_to_name(error);
    return false;
  }
  image_ = {static_cast<const std::uint8_t*>(address), partition->size};
  return true;
}

bool ModelPartition::refuse(device::Status status) {
  problem_ << "partition 'model' holds no usable model: " << device::describe(status);
  return false;
}

bool ModelPartition::open() {
  if (!map()) return false;
  const auto start = image_.first(std::min<std::size_t>(image_.size(), 16));
  if (std::ranges::all_of(start, [](std::uint8_t byte) { return byte == 0xFF; })) {
    problem_ << "partition 'model' is empty; flash a model";
    return false;
  }
  device::PackView pack;
  device::Status status = pack.open(image_);
  if (status != device::Status::kOk) return refuse(status);
  if (pack.size() > 0) image_ = pack.model(0);
  status = view_.open(image_);
  if (status == device::Status::kOk) status = device::read_model_info(view_, info_);
  if (status != device::Status::kOk) return refuse(status);
  return true;
}

}  // namespace mudra::firmware
