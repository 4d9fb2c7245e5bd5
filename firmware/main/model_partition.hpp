// The partition `model`: two slots (mudra/device/model_slots.hpp), or one .espdl over all of it, read where
// they lie in flash. A pack counts as its first model. It can be flashed and sent anew without the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "esp_partition.h"
#include "mudra/device/espdl_view.hpp"
#include "mudra/device/model_info.hpp"
#include "mudra/device/model_slots.hpp"
#include "mudra/device/replies.hpp"
#include "text.hpp"

namespace mudra::firmware {

inline constexpr char kModelPartition[] = "model";

class ModelPartition {
 public:
  static constexpr int kNoSlot = -1;

  // Where a model lies. One of 0 bytes was flashed, so that only itself says how long it is.
  struct Place {
    int slot = kNoSlot;
    std::uint32_t bytes = 0;
  };

  // Maps the partition and reads what the newest undamaged model says of itself; nothing is copied. False:
  // problem() says why there is no model.
  bool open();
  // The same with the model at a place, whose checksum is not looked at; of no slot as open(). Precondition:
  // open() mapped.
  bool open(Place place);

  bool is_open() const { return place_.slot != kNoSlot; }
  Place place() const { return place_; }
  std::string_view problem() const { return problem_.view(); }
  // Which slots open() found damaged; empty: none.
  std::string_view remark() const { return remark_.view(); }
  std::size_t partition_bytes() const { return mapped_.size(); }

  // Valid after a successful open, until the next.
  std::span<const std::uint8_t> model() const { return image_.first(view_.file_bytes()); }
  std::span<const std::uint8_t> image() const { return image_; }  // packed weights may lie behind the model
  device::ModelView& view() { return view_; }
  const device::ModelInfo& info() const { return info_; }

  // The slots. Empty partition or one without room for slots: room() is 0.
  device::SlotLayout slots() const { return device::SlotLayout(static_cast<std::uint32_t>(mapped_.size())); }
  std::span<const std::uint8_t> slot(int index) const;  // without its header
  device::SlotMark mark(int index, device::SlotHeader& header) const;
  // Whether the model that is open reaches beyond its slot, so that nothing can be sent.
  bool fills_partition() const;
  device::Slot describe_slot(int index) const;
  std::uint32_t newest_sequence() const;
  const esp_partition_t* flash() const { return flash_; }  // nullptr: there is none

 private:
  bool map();
  bool open_newest();
  bool open_written(int slot, const device::SlotHeader& header);
  bool refuse(device::Status status);

  const esp_partition_t* flash_ = nullptr;
  std::span<const std::uint8_t> mapped_;  // the whole partition
  std::span<const std::uint8_t> image_;   // from the model to the end of what belongs to it
  Place place_;
  device::ModelView view_;
  device::ModelInfo info_;
  Text problem_, remark_;
};

}  // namespace mudra::firmware
