// Memory of the chip: what is free, and pieces of it that are given back by themselves.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mudra/device/replies.hpp"

namespace mudra::firmware {

// Internal RAM and PSRAM as they are now, under the name of a moment.
device::Memory measure_memory(std::string_view when);

// The moments of a start and of the last inference, for `mem`.
struct MemoryMoments {
  device::Memory boot, loaded, before_inference, after_inference;
};

// The stack of a task, by default the one that calls this; its bytes are what it was made with.
device::StackState measure_stack(std::string_view name, std::uint32_t bytes, TaskHandle_t task = nullptr);

enum class Place { kNowhere, kInternal, kPsram };
const char* name_of(Place place);  // "internal", "psram", "" for nowhere

// A piece of memory at a multiple of 64, which is a line of the data cache.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept
      : bytes_(std::exchange(other.bytes_, {})), place_(std::exchange(other.place_, Place::kNowhere)) {}
  Block& operator=(Block&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(place_, other.place_);
    return *this;
  }
  ~Block();

  // In internal RAM or, if that has no piece so large, in PSRAM. Without one, an empty block.
  static Block allocate(std::size_t bytes);

  std::span<std::byte> bytes() const { return bytes_; }
  Place place() const { return place_; }

 private:
  Block(std::span<std::byte> bytes, Place place) : bytes_(bytes), place_(place) {}

  std::span<std::byte> bytes_;
  Place place_ = Place::kNowhere;
};

// The largest piece there is in internal RAM or PSRAM.
std::size_t largest_block();

}  // namespace mudra::firmware
