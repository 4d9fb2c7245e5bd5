// The only memory the virtual chip has: pieces of the host's, each at a chip address of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mudra::s3 {

enum class Access : std::uint8_t { kRead, kWrite, kReadWrite };

struct Region {
  std::byte* host = nullptr;
  std::uint32_t size = 0;     // bytes
  std::uint32_t address = 0;  // of the first byte, on the chip
  bool readable = false, writable = false;
  std::string_view name;  // for messages; not copied

  bool holds(std::uint32_t at, std::uint32_t bytes) const {
    return at >= address && std::uint64_t{at - address} + bytes <= size;
  }
};

// Regions never touch on the chip, whatever they do on the host: running over an end is noticed. Overlapping
// ones are two views of the same bytes. Mapping copies nothing.
class Memory {
 public:
  // The chip's address of the first byte; its low four bits are the host's, so alignment is what it is there.
  // Constants are never writable. `name` is kept as a view. Throws Error when the address space of 2^32 bytes
  // is full.
  template <typename T, std::size_t extent>
  std::uint32_t map(std::span<T, extent> values, std::string_view name, Access access = Access::kReadWrite) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::span<const std::byte> bytes = std::as_bytes(values);
    return map_bytes(const_cast<std::byte*>(bytes.data()), bytes.size(), name,
                     std::is_const_v<T> ? Access::kRead : access);
  }

  // Where the chip finds what lies at `host`: inside a region, or right behind one. Throws Error for any
  // other.
  std::uint32_t address_of(const void* host) const;

  std::span<const Region> regions() const { return regions_; }
  void clear();

 private:
  std::uint32_t map_bytes(std::byte* host, std::size_t size, std::string_view name, Access access);

  std::vector<Region> regions_;
  std::uint64_t next_ = kFirstAddress;

  static constexpr std::uint64_t kFirstAddress = 0x3FC88000;  // where the data bus sees internal RAM
};

}  // namespace mudra::s3
