#include "mudra/device/flatbuffer.hpp"

namespace mudra::device::flatbuffer {
namespace {

std::string_view text_at(Buffer& buffer, std::uint32_t at) {
  const auto length = buffer.read<std::uint32_t>(at);
  if (length > kMaxText) {
    buffer.mark(Status::kTooLarge);
    return {};
  }
  if (!buffer.holds(at + 4, length)) return {};
  return {reinterpret_cast<const char*>(buffer.data(at + 4)), length};
}

}  // namespace

Vector::Vector(Buffer& buffer, std::uint32_t at, std::uint32_t element_bytes) {
  const auto count = buffer.read<std::uint32_t>(at);
  if (!buffer.holds(at, 4 + std::uint64_t{count} * element_bytes)) return;
  buffer_ = &buffer;
  first_ = at + 4;
  count_ = count;
  element_bytes_ = element_bytes;
}

Table Vector::table(int i) const {
  const std::uint32_t target = buffer_->follow(at(i));
  return target == 0 ? Table() : Table(*buffer_, target);
}

std::string_view Vector::text(int i) const {
  const std::uint32_t target = buffer_->follow(at(i));
  return target == 0 ? std::string_view() : text_at(*buffer_, target);
}

Table::Table(Buffer& buffer, std::uint32_t at) {
  const std::int64_t vtable = std::int64_t{at} - buffer.read<std::int32_t>(at);
  if (vtable < 0 || vtable > kMaxBytes) {
    buffer.mark(Status::kBadOffset);
    return;
  }
  const auto start = static_cast<std::uint32_t>(vtable);
  const auto bytes = buffer.read<std::uint16_t>(start);
  if (bytes < 4 || !buffer.holds(start, bytes)) {
    buffer.mark(Status::kBadOffset);
    return;
  }
  buffer_ = &buffer;
  at_ = at;
  vtable_ = start;
  vtable_bytes_ = bytes;
}

std::uint32_t Table::position(int field) const {
  const std::uint32_t entry = 4 + 2 * static_cast<std::uint32_t>(field);
  if (buffer_ == nullptr || entry + 2 > vtable_bytes_) return 0;
  const auto offset = buffer_->read<std::uint16_t>(vtable_ + entry);
  return offset == 0 ? 0 : at_ + offset;
}

Table Table::table(int field) const {
  const std::uint32_t at = position(field), target = at == 0 ? 0 : buffer_->follow(at);
  return target == 0 ? Table() : Table(*buffer_, target);
}

Vector Table::vector(int field, std::uint32_t element_bytes) const {
  const std::uint32_t at = position(field), target = at == 0 ? 0 : buffer_->follow(at);
  return target == 0 ? Vector() : Vector(*buffer_, target, element_bytes);
}

std::string_view Table::text(int field) const {
  const std::uint32_t at = position(field), target = at == 0 ? 0 : buffer_->follow(at);
  return target == 0 ? std::string_view() : text_at(*buffer_, target);
}

Table root(Buffer& buffer) {
  const std::uint32_t target = buffer.follow(0);
  return target == 0 ? Table() : Table(buffer, target);
}

}  // namespace mudra::device::flatbuffer
