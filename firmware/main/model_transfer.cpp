#include "model_transfer.hpp"

#include <algorithm>
#include <cstring>

#include "mudra/device/line.hpp"

namespace mudra::firmware {

using device::kFlashSector;
using device::Refusal;
using device::SlotHeader;

bool ModelTransfer::refuse(Refusal refusal, const Text& detail) {
  refusal_ = refusal;
  detail_ = detail;
  return false;
}

std::uint32_t ModelTransfer::block_bytes(std::uint32_t offset) const {
  return std::min(device::kBlockBytes, bytes_ - offset);
}

// A block is a sector and erased before it is written, whatever it seems to hold: power lost while a sector
// is erased leaves bits that read as ones and do not stay so.
bool ModelTransfer::write(std::uint32_t at, std::span<const std::uint8_t> bytes) {
  if (esp_partition_write(partition_.flash(), at, bytes.data(), bytes.size()) == ESP_OK) {
    std::uint8_t back[256];
    bool same = true;
    for (std::size_t done = 0; same && done < bytes.size(); done += sizeof back) {
      const std::size_t count = std::min(sizeof back, bytes.size() - done);
      same = esp_partition_read(partition_.flash(), at + done, back, count) == ESP_OK &&
             std::memcmp(back, bytes.data() + done, count) == 0;
    }
    if (same) return true;
  }
  return refuse(Refusal::kFlash, Text("at ") << std::uint64_t{at} << " of partition 'model'");
}

bool ModelTransfer::announce(std::uint32_t bytes, std::uint32_t checksum) {
  if (slot_ != ModelPartition::kNoSlot && bytes == bytes_ && checksum == checksum_) return true;
  slot_ = ModelPartition::kNoSlot;
  used_ = false;
  if (partition_.flash() == nullptr) return refuse(Refusal::kModelSize, Text(partition_.problem()));
  const std::uint64_t room = partition_.slots().room();
  if (bytes > room)
    return refuse(Refusal::kModelSize, Text() << "it has " << std::uint64_t{bytes} << " bytes, a slot "
                                              << room << "; partition 'model' has "
                                              << std::uint64_t{partition_.partition_bytes()});
  bytes_ = bytes;
  checksum_ = checksum;
  const ModelPartition::Place now = partition_.place();
  used_ = partition_.is_open() && bytes == partition_.image().size() &&
          checksum == device::crc32(partition_.image());
  if (used_) {
    slot_ = now.slot;
    offset_ = bytes;
    return true;
  }
  if (partition_.fills_partition())
    return refuse(Refusal::kModelSize, Text("the model in use has ")
                                           << std::uint64_t{partition_.image().size()}
                                           << " bytes and reaches beyond its slot of " << room
                                           << "; flash the new one");
  slot_ = now.slot == 0 ? 1 : 0;
  offset_ = 0;
  return true;
}

bool ModelTransfer::wants(std::uint32_t offset, std::uint32_t bytes) {
  if (slot_ == ModelPartition::kNoSlot) return refuse(Refusal::kModelBlock, Text("none was announced"));
  if (offset <= offset_ && offset < bytes_ && bytes == block_bytes(offset)) return true;
  return refuse(Refusal::kModelBlock,
                Text("of ") << std::uint64_t{bytes_} << " bytes the next is at " << std::uint64_t{offset_});
}

// Before the first byte of a model is written, its slot is one that holds none.
bool ModelTransfer::begin() {
  const std::uint32_t at = partition_.slots().header(slot_);
  std::uint8_t header[SlotHeader::kBytes];
  device::write_slot_header({}, header);
  if (esp_partition_erase_range(partition_.flash(), at, kFlashSector) != ESP_OK)
    return refuse(Refusal::kFlash, Text("a header cannot be erased"));
  return write(at, std::span(header).first(SlotHeader::kMagicBytes));
}

bool ModelTransfer::put(std::uint32_t offset, std::span<const std::uint8_t> block) {
  if (offset < offset_) {  // its `ok` got lost
    const auto there = partition_.slot(slot_).subspan(offset, block.size());
    if (std::ranges::equal(there, block)) return true;
    slot_ = ModelPartition::kNoSlot;
    return refuse(Refusal::kModelBlock, Text("another one is there"));
  }
  if (offset == 0 && !begin()) return false;
  const std::uint32_t at = partition_.slots().start(slot_) + offset;
  if (esp_partition_erase_range(partition_.flash(), at, kFlashSector) != ESP_OK)
    return refuse(Refusal::kFlash, Text("sector ") << std::uint64_t{at} << " cannot be erased");
  if (!write(at, block)) return false;
  offset_ = offset + static_cast<std::uint32_t>(block.size());
  return true;
}

bool ModelTransfer::check() {
  if (slot_ == ModelPartition::kNoSlot) return refuse(Refusal::kModelBlock, Text("none was announced"));
  if (offset_ < bytes_)
    return refuse(Refusal::kModelBlock,
                  Text() << std::uint64_t{offset_} << " of " << std::uint64_t{bytes_} << " bytes are there");
  if (used_ || device::crc32(partition_.slot(slot_).first(bytes_)) == checksum_) return true;
  slot_ = ModelPartition::kNoSlot;
  return refuse(Refusal::kModelChecksum, {});
}

// The header's checksum comes last, in the one piece that is written.
bool ModelTransfer::commit() {
  std::uint8_t header[SlotHeader::kBytes];
  device::write_slot_header(
      {.sequence = partition_.newest_sequence() + 1, .bytes = bytes_, .checksum = checksum_}, header);
  const std::uint32_t at = partition_.slots().header(slot_) + SlotHeader::kMagicBytes;
  used_ = write(at, std::span(header).subspan(SlotHeader::kMagicBytes));
  return used_;
}

}  // namespace mudra::firmware
