// A model on its way into the slot that is not used (mudra/device/model_slots.hpp). Nothing is written to the
// flash but here, and only on command.
#pragma once

#include <cstdint>
#include <span>

#include "model_partition.hpp"
#include "mudra/device/protocol.hpp"
#include "text.hpp"

namespace mudra::firmware {

class ModelTransfer {
 public:
  explicit ModelTransfer(ModelPartition& partition) : partition_(partition) {}

  // Each of these is false when refusal() and detail() say why not.

  // The model of so many bytes with this CRC-32 is to be sent. One that was announced before goes on where it
  // was; one that is used already is there as a whole.
  bool announce(std::uint32_t bytes, std::uint32_t checksum);
  // Whether the block of so many bytes at `offset` is the next, or one that is there already.
  bool wants(std::uint32_t offset, std::uint32_t bytes);
  // Puts such a block into the flash and reads it back.
  bool put(std::uint32_t offset, std::span<const std::uint8_t> block);
  // Whether all of the model is in the flash, with the checksum that was announced. If not, it has to be sent
  // anew.
  bool check();
  // Marks the model as the newest. Precondition: check().
  bool commit();

  // After announce().
  device::Transfer state() const { return {.slot = slot_, .offset = offset_}; }
  ModelPartition::Place place() const { return {.slot = slot_, .bytes = bytes_}; }
  bool is_used() const { return used_; }

  device::Refusal refusal() const { return refusal_; }
  std::string_view detail() const { return detail_.view(); }

 private:
  bool refuse(device::Refusal refusal, const Text& detail);
  bool begin();
  bool write(std::uint32_t at, std::span<const std::uint8_t> bytes);
  std::uint32_t block_bytes(std::uint32_t offset) const;

  ModelPartition& partition_;
  int slot_ = ModelPartition::kNoSlot;  // nothing was announced
  std::uint32_t bytes_ = 0, checksum_ = 0;
  std::uint32_t offset_ = 0;  // bytes before it are in the flash
  bool used_ = false;         // the model is the one that is used
  device::Refusal refusal_ = device::Refusal::kModelBlock;
  Text detail_;
};

}  // namespace mudra::firmware
