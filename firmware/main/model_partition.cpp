#include "model_partition.hpp"

#include <algorithm>

#include "esp_err.h"
#include "mudra/device/kernels.hpp"
#include "mudra/device/line.hpp"
#include "mudra/device/packed_section.hpp"

namespace mudra::firmware {
namespace {

using device::SlotHeader;
using device::SlotMark;
using device::Status;

bool is_erased(std::span<const std::uint8_t> bytes) {
  return std::ranges::all_of(bytes.first(std::min<std::size_t>(bytes.size(), 16)),
                             [](std::uint8_t byte) { return byte == device::kErasedFlash; });
}

// Cuts `bytes`, which begin with a model or a pack, down to the model and what is packed behind it. Something
// damaged there stays, to be told of by who wants to use it.
Status find_model(std::span<const std::uint8_t>& bytes, device::ModelView& view) {
  device::PackView pack;
  Status status = pack.open(bytes);
  if (status != Status::kOk) return status;
  if (pack.size() > 0) bytes = pack.model(0);
  status = view.open(bytes);
  if (status != Status::kOk) return status;
  device::PackedHeader packed;
  const auto model_bytes = static_cast<std::uint32_t>(view.file_bytes());
  const Status behind = read_packed_header(bytes, model_bytes, packed);
  if (behind == Status::kOk) bytes = bytes.first(device::align_up(model_bytes) + packed.bytes);
  if (behind == Status::kNoPackedWeights) bytes = bytes.first(model_bytes);
  return Status::kOk;
}

}  // namespace

bool ModelPartition::map() {
  flash_ = esp_partition_find_first(ESP_PARTITION_TYPE_DATA, ESP_PARTITION_SUBTYPE_ANY, kModelPartition);
  if (flash_ == nullptr) {
    problem_ << "the flash has no partition 'model'; flash the partition table";
    return false;
  }
  const void* address = nullptr;
  esp_partition_mmap_handle_t handle = 0;
  const esp_err_t error =
      esp_partition_mmap(flash_, 0, flash_->size, ESP_PARTITION_MMAP_DATA, &address, &handle);
  if (error != ESP_OK) {
    problem_ << "partition 'model' of " << std::uint64_t{flash_->size}
             << " bytes cannot be mapped: " << esp_err_to_name(error);
    flash_ = nullptr;
    return false;
  }
  mapped_ = {static_cast<const std::uint8_t*>(address), flash_->size};
  return true;
}

bool ModelPartition::refuse(Status status) {
  place_ = {};
  problem_ << "partition 'model' holds no usable model: " << device::describe(status);
  return false;
}

std::span<const std::uint8_t> ModelPartition::slot(int index) const {
  return mapped_.subspan(slots().start(index), slots().room());
}

SlotMark ModelPartition::mark(int index, SlotHeader& header) const {
  if (slots().room() == 0) return SlotMark::kNone;
  const SlotMark mark = read_slot_header(mapped_.subspan(slots().header(index)), header);
  return mark == SlotMark::kWritten && header.bytes > slots().room() ? SlotMark::kDamaged : mark;
}

bool ModelPartition::open(Place place) {
  if (place.slot == kNoSlot) return open_newest();
  place_ = {};
  problem_ = {};
  info_ = {};
  image_ = place.bytes > 0 ? slot(place.slot).first(place.bytes) : mapped_;
  Status status = find_model(image_, view_);
  if (status == Status::kOk) status = device::read_model_info(view_, info_);
  if (status != Status::kOk) return refuse(status);
  place_ = place;
  return true;
}

bool ModelPartition::open() { return map() && open_newest(); }

bool ModelPartition::open_written(int index, const SlotHeader& header) {
  if (device::crc32(slot(index).first(header.bytes)) != header.checksum) {
    problem_ = Text("partition 'model' holds no usable model: what was sent is damaged");
    return false;
  }
  return open({index, header.bytes});
}

bool ModelPartition::open_newest() {
  place_ = {};
  remark_ = {};
  SlotHeader headers[device::kModelSlots];
  SlotMark marks[device::kModelSlots];
  const auto note_damage = [&](int index) {
    remark_ << (remark_.empty() ? "slot " : "; slot ") << static_cast<std::uint64_t>(index) << " is damaged";
  };
  for (int i = 0; i < device::kModelSlots; ++i) {
    marks[i] = mark(i, headers[i]);
    if (marks[i] == SlotMark::kDamaged) note_damage(i);
  }
  const int newest = headers[1].sequence > headers[0].sequence ? 1 : 0;
  problem_ = Text("partition 'model' is empty; flash or send a model");
  for (const int index : {newest, 1 - newest}) {
    bool found = false;
    if (marks[index] == SlotMark::kWritten)
      found = open_written(index, headers[index]);
    else if (index == 0 && marks[0] == SlotMark::kNone && !is_erased(mapped_))
      found = open(Place{.slot = 0});
    if (found) return true;
    if (marks[index] == SlotMark::kWritten) note_damage(index);
  }
  return false;
}

bool ModelPartition::fills_partition() const {
  if (place_.slot == kNoSlot || place_.bytes > 0) return false;
  device::PackedHeader packed;
  const bool whole = read_packed_header(image_, view_.file_bytes(), packed) == Status::kOk;
  const std::size_t bytes = whole ? image_.size() : view_.file_bytes();
  return static_cast<std::size_t>(image_.data() - mapped_.data()) + bytes > slots().room();
}

device::Slot ModelPartition::describe_slot(int index) const {
  device::Slot slot{.index = index, .room = slots().room()};
  SlotHeader header;
  slot.used = place_.slot == index;
  if (mark(index, header) == SlotMark::kWritten) {
    slot.bytes = header.bytes;
    slot.crc32 = {header.checksum};
    slot.sequence = header.sequence;
  } else if (slot.used) {
    slot.bytes = static_cast<std::uint32_t>(image_.size());
    slot.crc32 = {device::crc32(image_)};
  }
  return slot;
}

std::uint32_t ModelPartition::newest_sequence() const {
  std::uint32_t newest = 0;
  for (int i = 0; i < device::kModelSlots; ++i)
    if (SlotHeader header; mark(i, header) == SlotMark::kWritten) newest = std::max(newest, header.sequence);
  return newest;
}

}  // namespace mudra::firmware
