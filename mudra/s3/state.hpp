// What the virtual chip's instructions work on: registers, accumulators, and the way to memory.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "mudra/s3/memory.hpp"

namespace mudra::s3 {

static_assert(std::endian::native == std::endian::little, "lane 0 lies in a vector's lowest bytes");

// A q register: 16 bytes, the byte of the lowest address first.
struct alignas(16) Vector {
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const Vector&) const = default;
};

template <typename T>
using Lanes = std::array<T, 16 / sizeof(T)>;

template <typename T>
Lanes<T> lanes(const Vector& vector) {
  return std::bit_cast<Lanes<T>>(vector.bytes);
}
template <typename T>
Vector vector_of(const Lanes<T>& lanes) {
  return {std::bit_cast<std::array<std::uint8_t, 16>>(lanes)};
}

// QACC: 320 bits, seen as 16 lanes of 20 bits, as 8 of 40, or as the bytes of QACC_L (0-19) and QACC_H
// (20-39). Whoever looks at it in another way than the one before sees the same bits.
class Accumulator {
 public:
  using Lanes20 = std::array<std::int32_t, 16>;  // each sign-extended
  using Lanes40 = std::array<std::int64_t, 8>;
  using Bytes = std::array<std::uint8_t, 40>;

  // To be read and written; a lane must stay in its range.
  Lanes20& lanes20() {
    if (view_ != View::k20) to_lanes20();
    return lanes20_;
  }
  Lanes40& lanes40() {
    if (view_ != View::k40) to_lanes40();
    return lanes40_;
  }
  Bytes& bytes() {
    if (view_ != View::kBytes) to_bytes();
    return bytes_;
  }
  // When all of it is written next: nothing is converted.
  Lanes20& new_lanes20() {
    view_ = View::k20;
    return lanes20_;
  }
  Lanes40& new_lanes40() {
    view_ = View::k40;
    return lanes40_;
  }

 private:
  enum class View : std::uint8_t { k20, k40, kBytes };
  void to_lanes20();
  void to_lanes40();
  void to_bytes();

  View view_ = View::kBytes;
  Lanes20 lanes20_{};
  Lanes40 lanes40_{};
  Bytes bytes_{};
};

struct State {
  std::array<std::uint32_t, 16> a{};
  std::array<Vector, 8> q{};
  Accumulator qacc;
  std::int64_t accx = 0;  // 40 bits, sign-extended
  std::uint32_t sar = 0, sar_byte = 0;
  // The zero-overhead loop: indices of instructions, and how often it still goes back.
  std::uint32_t loop_begin = 0, loop_end = 0, loop_count = 0;
  // Set by a taken branch: the index of the instruction it goes to.
  std::int32_t target = kNoTarget;
  static constexpr std::int32_t kNoTarget = -1;

  // The part of the stack a function may use, and the memory it was given.
  Region frame;
  std::span<const Region> regions;

  // The host's bytes behind `bytes` bytes at `address`, which must be a multiple of `bytes` (1, 2, 4, 8 or
  // 16). They are looked for first where register `base` pointed the last time. Throws Error, with neither
  // function nor line.
  template <std::uint32_t bytes>
  const std::byte* readable(std::uint32_t address, int base) {
    if (address % bytes != 0) misaligned(address, bytes);
    const Region& known = *known_[static_cast<std::size_t>(base)];
    if (known.readable && known.holds(address, bytes)) return known.host + (address - known.address);
    return find(address, bytes, base, false);
  }
  template <std::uint32_t bytes>
  std::byte* writable(std::uint32_t address, int base) {
    if (address % bytes != 0) misaligned(address, bytes);
    const Region& known = *known_[static_cast<std::size_t>(base)];
    if (known.writable && known.holds(address, bytes)) return known.host + (address - known.address);
    return find(address, bytes, base, true);
  }

  template <typename T>
  T load(std::uint32_t address, int base) {
    T value{};
    std::memcpy(&value, readable<sizeof(T)>(address, base), sizeof(T));
    return value;
  }
  template <typename T>
  void store(std::uint32_t address, int base, const T& value) {
    std::memcpy(writable<sizeof(T)>(address, base), &value, sizeof(T));
  }

  // Forgets where registers pointed: `regions` or `frame` has changed.
  void forget_known();
  State() { forget_known(); }

 private:
  std::byte* find(std::uint32_t address, std::uint32_t bytes, int base, bool writes);
  [[noreturn]] static void misaligned(std::uint32_t address, std::uint32_t bytes);

  std::array<const Region*, 16> known_{};
};

}  // namespace mudra::s3
