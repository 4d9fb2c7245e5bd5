#include "mudra/s3/memory.hpp"

#include <functional>

#include "mudra/base/error.hpp"

namespace mudra::s3 {
namespace {

constexpr std::uint64_t kGap = 4096;  // bytes of nothing between two regions: more than any immediate reaches

}  // namespace

std::uint32_t Memory::map_bytes(std::byte* host, std::size_t size, std::string_view name, Access access) {
  const std::uint64_t low_bits = reinterpret_cast<std::uintptr_t>(host) % 16;
  const std::uint64_t address = next_ + low_bits, end = address + size;
  if (end + kGap + 16 > (std::uint64_t{1} << 32) || end < address)
    fail("'{}' of {} bytes does not fit into the virtual chip's address space", name, size);
  next_ = (end + kGap + 15) / 16 * 16;
  regions_.push_back({.host = host,
                      .size = static_cast<std::uint32_t>(size),
                      .address = static_cast<std::uint32_t>(address),
                      .readable = access != Access::kWrite,
                      .writable = access != Access::kRead,
                      .name = name});
  return static_cast<std::uint32_t>(address);
}

std::uint32_t Memory::address_of(const void* host) const {
  const auto* at = static_cast<const std::byte*>(host);
  const Region* ends_here = nullptr;
  for (const Region& region : regions_) {
    if (std::less<>()(at, region.host)) continue;
    if (std::less<>()(at, region.host + region.size))
      return region.address + static_cast<std::uint32_t>(at - region.host);
    if (at == region.host + region.size && ends_here == nullptr) ends_here = &region;
  }
  if (ends_here == nullptr)
    fail("a pointer into none of the {} regions mapped for the virtual chip", regions_.size());
  return ends_here->address + ends_here->size;
}

void Memory::clear() {
  regions_.clear();
  next_ = kFirstAddress;
}

}  // namespace mudra::s3
