#include "heap.hpp"

#include <algorithm>
#include <new>

namespace mudra::firmware::host {
namespace {

constexpr std::size_t kMostAlignment = 4096;

}  // namespace

void Heap::Release::operator()(std::byte* memory) const {
  operator delete[](memory, std::align_val_t{kMostAlignment});
}

Heap::Heap(std::size_t bytes)
    : bytes_(bytes),
      free_(bytes),
      least_free_(bytes),
      memory_(static_cast<std::byte*>(operator new[](bytes, std::align_val_t{kMostAlignment}))) {}

void* Heap::allocate(std::size_t alignment, std::size_t bytes) {
  std::size_t at = 0;
  const auto aligned = [&](std::size_t offset) { return (offset + alignment - 1) / alignment * alignment; };
  for (const auto& [offset, size] : used_) {
    if (aligned(at) + bytes <= offset) break;
    at = offset + size;
  }
  at = aligned(at);
  if (bytes == 0 || at + bytes > bytes_) return nullptr;
  used_.emplace(at, bytes);
  free_ -= bytes;
  least_free_ = std::min(least_free_, free_);
  return memory_.get() + at;
}

void Heap::release(void* memory) {
  const auto block = used_.find(static_cast<std::size_t>(static_cast<std::byte*>(memory) - memory_.get()));
  free_ += block->second;
  used_.erase(block);
}

bool Heap::owns(const void* memory) const {
  const auto* at = static_cast<const std::byte*>(memory);
  return at >= memory_.get() && at < memory_.get() + bytes_;
}

std::size_t Heap::largest_free_block() const {
  std::size_t at = 0, largest = 0;
  for (const auto& [offset, size] : used_) {
    largest = std::max(largest, offset - at);
    at = offset + size;
  }
  return std::max(largest, bytes_ - at);
}

}  // namespace mudra::firmware::host
