#include "flash.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"
#include "mudra/device/model_slots.hpp"

namespace mudra::firmware::host {
namespace {

using device::kErasedFlash, device::kFlashSector;

}  // namespace

Flash::Flash(std::size_t bytes, int file) {
  if (bytes == 0) return;
  const int kind = file == kInMemory ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kind, file, 0);
  if (memory == MAP_FAILED) fail("no memory for the flash: {}", std::strerror(errno));
  bytes_ = {static_cast<std::uint8_t*>(memory), bytes};
  if (file == kInMemory) std::ranges::fill(bytes_, kErasedFlash);
}

Flash::~Flash() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

void Flash::program(std::span<const std::uint8_t> image) {
  if (image.size() > bytes_.size())
    fail("the model has {} bytes, its partition {}", image.size(), bytes_.size());
  const auto rest = std::ranges::copy(image, bytes_.begin()).out;
  std::fill(rest, bytes_.end(), kErasedFlash);
}

bool Flash::holds(std::size_t offset, std::size_t size) const {
  return offset <= bytes_.size() && size <= bytes_.size() - offset;
}

void Flash::cut_power_at(std::uint64_t operation, std::function<void()> cut) {
  cut_at_ = operations_ + operation;
  cut_ = std::move(cut);
}

template <typename Change>
void Flash::operate(std::span<std::uint8_t> bytes, Change change) {
  if (++operations_ != cut_at_) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = change(bytes[i], i);
    return;
  }
  // Up to some byte all is done, of some more any of the bits.
  constexpr std::size_t kHalfDone = 32;
  Random random(operations_, bytes.size());
  const std::size_t done = random.below(static_cast<std::uint32_t>(bytes.size() + 1));
  for (std::size_t i = 0; i < std::min(bytes.size(), done + kHalfDone); ++i) {
    const auto now = static_cast<std::uint8_t>(change(bytes[i], i));
    const auto kept = static_cast<std::uint8_t>(i < done ? 0 : random.bits());
    bytes[i] = static_cast<std::uint8_t>((bytes[i] & kept) | (now & ~kept));
  }
  cut_();
}

bool Flash::erase(std::size_t offset, std::size_t size) {
  if (!holds(offset, size) || offset % kFlashSector != 0 || size % kFlashSector != 0) return false;
  for (std::size_t at = offset; at < offset + size; at += kFlashSector)
    operate(bytes_.subspan(at, kFlashSector), [](std::uint8_t, std::size_t) { return kErasedFlash; });
  return true;
}

bool Flash::write(std::size_t offset, std::span<const std::uint8_t> data) {
  if (!holds(offset, data.size())) return false;
  if (worn_.contains(offset / kFlashSector)) return true;
  operate(bytes_.subspan(offset, data.size()),
          [&](std::uint8_t before, std::size_t i) { return static_cast<std::uint8_t>(before & data[i]); });
  return true;
}

}  // namespace mudra::firmware::host
