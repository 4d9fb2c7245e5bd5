// The partition `model` as two slots: one is used while the other is written, so that power lost at any
// moment leaves the old model or the new one.
//
// Each half of the partition, in whole sectors of flash, is a slot: a model from its start, packed weights
// behind it, and in its last sector a header. All numbers are little endian:
//
//    0  "MSL1": written before the first byte of a model, so that a header that ends here says "unfinished"
//    4  u32 sequence: the larger, the newer; from 1
//    8  u32 bytes of the model with what is packed behind it
//   12  u32 crc32 (line.hpp) of these
//   16  u32 crc32 of the header before it
//
// What is flashed begins in slot 0, has no header, counts as sequence 0 and may be as large as the partition;
// it is flashed with 0xFF behind it up to the partition's end, so that no header of before is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mudra::device {

inline constexpr std::uint32_t kFlashSector = 0x1000;  // what is erased at once
inline constexpr std::uint8_t kErasedFlash = 0xFF;     // a byte of it then
inline constexpr int kModelSlots = 2;

// Where the slots of a partition lie, in bytes from its start.
class SlotLayout {
 public:
  explicit constexpr SlotLayout(std::uint32_t partition_bytes)
      : slot_bytes_(partition_bytes / kModelSlots / kFlashSector * kFlashSector) {}

  constexpr std::uint32_t start(int slot) const { return static_cast<std::uint32_t>(slot) * slot_bytes_; }
  constexpr std::uint32_t header(int slot) const { return start(slot) + room(); }
  // Bytes of the largest model that can be sent; 0: there are no slots.
  constexpr std::uint32_t room() const { return slot_bytes_ > kFlashSector ? slot_bytes_ - kFlashSector : 0; }

  // The smallest partition with slots for models of so many bytes.
  static constexpr std::uint64_t partition_bytes(std::uint64_t model_bytes) {
    return kModelSlots * ((model_bytes + kFlashSector - 1) / kFlashSector + 1) * kFlashSector;
  }

 private:
  std::uint32_t slot_bytes_;
};

struct SlotHeader {
  static constexpr std::size_t kBytes = 20, kMagicBytes = 4;

  std::uint32_t sequence = 0, bytes = 0, checksum = 0;
};

enum class SlotMark : std::uint8_t {
  kNone,        // no header: what flashing leaves
  kUnfinished,  // a model was being sent
  kDamaged,     // a header that is wrong
  kWritten,     // a model was sent whole
};

// Of the slot whose last sector, or at least kBytes of it, this is. kWritten: `header` is filled in.
SlotMark read_slot_header(std::span<const std::uint8_t> sector, SlotHeader& header);

// Whole. Its first kMagicBytes alone mark a slot as unfinished.
void write_slot_header(const SlotHeader& header, std::span<std::uint8_t, SlotHeader::kBytes> bytes);

}  // namespace mudra::device
