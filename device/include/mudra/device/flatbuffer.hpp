// Reads a FlatBuffer nobody has verified, where it lies. A read that would leave the buffer gives zero, an
// empty vector or an absent table and marks the buffer broken: a reader may go on and ask once at the end.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "mudra/device/status.hpp"

namespace mudra::device::flatbuffer {

inline constexpr std::uint32_t kMaxBytes = 1u << 26;  // so that no sum of two offsets overflows
inline constexpr std::uint32_t kMaxText = 1023;       // of a name

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    if (bytes.size() > kMaxBytes) {
      bytes_ = {};
      mark(Status::kTooLarge);
    }
  }

  // kOk, kBadOffset, or kTooLarge for a text over kMaxText. The first that was found.
  Status status() const { return status_; }
  void mark(Status status) {
    if (status_ == Status::kOk) status_ = status;
  }

  // Whether [at, at + bytes) lies in the buffer.
  bool holds(std::uint32_t at, std::uint64_t bytes) {
    const bool inside = at <= bytes_.size() && bytes <= bytes_.size() - at;
    if (!inside) mark(Status::kBadOffset);
    return inside;
  }

  // Little endian, of any alignment.
  template <std::integral T>
  T read(std::uint32_t at) {
    if (!holds(at, sizeof(T))) return 0;
    std::make_unsigned_t<T> value = 0;
    for (unsigned i = 0; i < sizeof(T); ++i)
      value =
          static_cast<std::make_unsigned_t<T>>(value | std::make_unsigned_t<T>{bytes_[at + i]} << (8 * i));
    return static_cast<T>(value);
  }

  // Where the u32 offset stored at `at` leads; 0 and broken if out of the buffer.
  std::uint32_t follow(std::uint32_t at) {
    const std::uint64_t target = std::uint64_t{at} + read<std::uint32_t>(at);
    return target > at && target <= kMaxBytes && holds(static_cast<std::uint32_t>(target), 4)
               ? static_cast<std::uint32_t>(target)
               : (mark(Status::kBadOffset), 0);
  }

  const std::uint8_t* data(std::uint32_t at) const { return bytes_.data() + at; }

 private:
  std::span<const std::uint8_t> bytes_;
  Status status_ = Status::kOk;
};

class Table;

// Elements of equal size, one after another; for tables and texts these are offsets.
class Vector {
 public:
  Vector() = default;
  Vector(Buffer& buffer, std::uint32_t at, std::uint32_t element_bytes);

  int size() const { return static_cast<int>(count_); }
  std::uint32_t bytes() const { return count_ * element_bytes_; }
  const std::uint8_t* data() const { return buffer_ == nullptr ? nullptr : buffer_->data(first_); }

  // Precondition of the three: 0 <= i < size(), and the vector was asked for with this element's size.
  template <std::integral T>
  T integer(int i) const {
    return buffer_->read<T>(at(i));
  }
  Table table(int i) const;
  std::string_view text(int i) const;

 private:
  std::uint32_t at(int i) const { return first_ + static_cast<std::uint32_t>(i) * element_bytes_; }

  Buffer* buffer_ = nullptr;
  std::uint32_t first_ = 0, count_ = 0, element_bytes_ = 1;
};

// A table by the ids of its fields. An absent table has no fields.
class Table {
 public:
  Table() = default;
  Table(Buffer& buffer, std::uint32_t at);

  explicit operator bool() const { return buffer_ != nullptr; }

  bool has(int field) const { return position(field) != 0; }
  template <std::integral T>
  T integer(int field, T otherwise = 0) const {
    const std::uint32_t at = position(field);
    return at == 0 ? otherwise : buffer_->read<T>(at);
  }
  Table table(int field) const;
  Vector vector(int field, std::uint32_t element_bytes) const;
  std::string_view text(int field) const;

 private:
  std::uint32_t position(int field) const;  // of the field's value; 0 if absent

  Buffer* buffer_ = nullptr;
  std::uint32_t at_ = 0, vtable_ = 0, vtable_bytes_ = 0;
};

// The table the whole buffer holds.
Table root(Buffer& buffer);

}  // namespace mudra::device::flatbuffer
