#include "mudra/s3/state.hpp"

#include "mudra/base/error.hpp"

namespace mudra::s3 {
namespace {

constexpr Region kNowhere;

std::uint64_t get40(const Accumulator::Bytes& bytes, std::size_t lane) {
  std::uint64_t value = 0;
  std::memcpy(&value, &bytes[5 * lane], 5);
  return value;
}

// The value of the low `bits` bits.
std::int64_t signed_bits(std::uint64_t value, int bits) {
  return static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits);
}

}  // namespace

void Accumulator::to_bytes() {
  for (std::size_t i = 0; i < lanes40_.size(); ++i) {
    const std::uint64_t value = view_ == View::k40
                                    ? static_cast<std::uint64_t>(lanes40_[i])
                                    : (static_cast<std::uint64_t>(lanes20_[2 * i]) & 0xfffff) |
                                          (static_cast<std::uint64_t>(lanes20_[2 * i + 1]) << 20);
    std::memcpy(&bytes_[5 * i], &value, 5);
  }
  view_ = View::kBytes;
}

void Accumulator::to_lanes20() {
  const Bytes& from = bytes();
  for (std::size_t i = 0; i < lanes40_.size(); ++i) {
    const std::uint64_t value = get40(from, i);
    lanes20_[2 * i] = static_cast<std::int32_t>(signed_bits(value, 20));
    lanes20_[2 * i + 1] = static_cast<std::int32_t>(signed_bits(value >> 20, 20));
  }
  view_ = View::k20;
}

void Accumulator::to_lanes40() {
  const Bytes& from = bytes();
  for (std::size_t i = 0; i < lanes40_.size(); ++i) lanes40_[i] = signed_bits(get40(from, i), 40);
  view_ = View::k40;
}

void State::forget_known() { known_.fill(&kNowhere); }

std::byte* State::find(std::uint32_t address, std::uint32_t bytes, int base, bool writes) {
  const auto take = [&](const Region& region) {
    known_[static_cast<std::size_t>(base)] = &region;
    return region.host + (address - region.address);
  };
  const auto allows = [&](const Region& region) { return writes ? region.writable : region.readable; };
  const Region* forbidden = nullptr;
  if (frame.holds(address, bytes)) return take(frame);
  for (const Region& region : regions) {
    if (!region.holds(address, bytes)) continue;
    if (allows(region)) return take(region);
    forbidden = &region;
  }
  const char* verb = writes ? "writes" : "reads";
  if (forbidden != nullptr)
    fail("{} {} bytes at 0x{:08x}, byte {} of '{}', which it may not", verb, bytes, address,
         address - forbidden->address, forbidden->name);
  // The nearest region says what was meant.
  const Region* nearest = frame.size > 0 ? &frame : nullptr;
  const auto distance = [&](const Region& region) {
    const std::int64_t at = address, begin = region.address, end = begin + region.size;
    return at < begin ? begin - at : at < end ? 0 : at - end;
  };
  for (const Region& region : regions)
    if (nearest == nullptr || distance(region) < distance(*nearest)) nearest = &region;
  if (nearest == nullptr) fail("{} {} bytes at 0x{:08x}, where nothing is mapped", verb, bytes, address);
  fail("{} {} bytes at 0x{:08x}, outside of every region; the nearest is '{}', 0x{:08x} to 0x{:08x}", verb,
       bytes, address, nearest->name, nearest->address, std::uint64_t{nearest->address} + nearest->size);
}

void State::misaligned(std::uint32_t address, std::uint32_t bytes) {
  fail("address 0x{:08x} is not a multiple of {}: the chip would silently take 0x{:08x}", address, bytes,
       address & ~(bytes - 1));
}

}  // namespace mudra::s3
