// The partition `model`: an .espdl, or a pack of which the first is taken, where it lies in flash. It can be
// written anew without the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mudra/device/espdl_view.hpp"
#include "mudra/device/model_info.hpp"
#include "text.hpp"

namespace mudra::firmware {

inline constexpr char kModelPartition[] = "model";

class ModelPartition {
 public:
  // Maps the partition and reads what the model says of itself; called once, nothing is copied. False:
  // problem() says why there is no model.
  bool open();

  std::string_view problem() const { return problem_.view(); }
  std::size_t partition_bytes() const { return partition_bytes_; }

  // Valid after a successful open, for ever.
  std::span<const std::uint8_t> model() const { return image_.first(view_.file_bytes()); }
  std::span<const std::uint8_t> image() const { return image_; }  // packed weights may lie behind the model
  device::ModelView& view() { return view_; }
  const device::ModelInfo& info() const { return info_; }

 private:
  bool map();
  bool refuse(device::Status status);

  std::span<const std::uint8_t> image_;  // from the model to the end of the partition
  std::size_t partition_bytes_ = 0;
  device::ModelView view_;
  device::ModelInfo info_;
  Text problem_;
};

}  // namespace mudra::firmware
