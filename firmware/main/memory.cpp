#include "memory.hpp"

#include <algorithm>

#include "esp_heap_caps.h"

namespace mudra::firmware {
namespace {

constexpr std::uint32_t kInternal = MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT, kPsram = MALLOC_CAP_SPIRAM;
constexpr std::size_t kCacheLine = 64;

std::uint32_t narrow(std::size_t bytes) { return static_cast<std::uint32_t>(bytes); }

}  // namespace

device::Memory measure_memory(std::string_view when) {
  return {.when = when,
          .internal_free = narrow(heap_caps_get_free_size(kInternal)),
          .internal_least = narrow(heap_caps_get_minimum_free_size(kInternal)),
          .internal_largest = narrow(heap_caps_get_largest_free_block(kInternal)),
          .psram_free = narrow(heap_caps_get_free_size(kPsram)),
          .psram_least = narrow(heap_caps_get_minimum_free_size(kPsram)),
          .psram_largest = narrow(heap_caps_get_largest_free_block(kPsram))};
}

device::StackState measure_stack(std::string_view name, std::uint32_t bytes, TaskHandle_t task) {
  return {.bytes = bytes, .least_free = narrow(uxTaskGetStackHighWaterMark(task)), .task = name};
}

const char* name_of(Place place) {
  switch (place) {
    case Place::kInternal:
      return "internal";
    case Place::kPsram:
      return "psram";
    case Place::kNowhere:
      return "";
  }
  return "";
}

Block Block::allocate(std::size_t bytes) {
  const auto in = [&](std::uint32_t capabilities, Place place) {
    auto* memory = static_cast<std::byte*>(heap_caps_aligned_alloc(kCacheLine, bytes, capabilities));
    return memory == nullptr ? Block() : Block({memory, bytes}, place);
  };
  Block block = in(kInternal, Place::kInternal);
  return block.bytes().empty() ? in(kPsram, Place::kPsram) : std::move(block);
}

Block::~Block() {
  if (!bytes_.empty()) heap_caps_free(bytes_.data());
}

std::size_t largest_block() {
  return std::max(heap_caps_get_largest_free_block(kInternal), heap_caps_get_largest_free_block(kPsram));
}

}  // namespace mudra::firmware
