#include "mudra/device/model_slots.hpp"

#include <cstring>

#include "mudra/device/line.hpp"

namespace mudra::device {
namespace {

constexpr char kSlotMagic[] = {'M', 'S', 'L', '1'};
constexpr std::size_t kHeaderCheckAt = 16;

std::uint32_t u32_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

void put_u32(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

}  // namespace

SlotMark read_slot_header(std::span<const std::uint8_t> sector, SlotHeader& header) {
  if (sector.size() < SlotHeader::kBytes || std::memcmp(sector.data(), kSlotMagic, sizeof kSlotMagic) != 0)
    return SlotMark::kNone;
  bool erased = true;
  for (std::size_t i = SlotHeader::kMagicBytes; i < SlotHeader::kBytes; ++i)
    erased = erased && sector[i] == kErasedFlash;
  if (erased) return SlotMark::kUnfinished;
  if (u32_at(sector, kHeaderCheckAt) != crc32(sector.first(kHeaderCheckAt))) return SlotMark::kDamaged;
  header = {.sequence = u32_at(sector, 4), .bytes = u32_at(sector, 8), .checksum = u32_at(sector, 12)};
  return SlotMark::kWritten;
}

void write_slot_header(const SlotHeader& header, std::span<std::uint8_t, SlotHeader::kBytes> bytes) {
  std::memcpy(bytes.data(), kSlotMagic, sizeof kSlotMagic);
  put_u32(bytes, 4, header.sequence);
  put_u32(bytes, 8, header.bytes);
  put_u32(bytes, 12, header.checksum);
  put_u32(bytes, kHeaderCheckAt, crc32(std::span<const std::uint8_t>(bytes).first(kHeaderCheckAt)));
}

}  // namespace mudra::device
