#include "mudra/format/espdl_container.hpp"

#include <algorithm>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/device/packed_section.hpp"

namespace mudra::format {
namespace {

constexpr std::size_t header_bytes(EspdlGeneration generation) {
  return generation == EspdlGeneration::kEdl1 ? 12 : 16;
}

constexpr std::string_view magic_of(EspdlGeneration generation) {
  return generation == EspdlGeneration::kEdl1 ? "EDL1" : "EDL2";
}

}  // namespace

std::uint32_t read_u32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} | std::uint32_t{bytes[at + 1]} << 8 | std::uint32_t{bytes[at + 2]} << 16 |
         std::uint32_t{bytes[at + 3]} << 24;
}

void append_u32(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

EspdlContainer open_container(std::span<const std::uint8_t> bytes) {
  constexpr std::uint32_t kPlain = 0, kAes = 1;
  if (bytes.empty()) fail("is empty");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  EspdlContainer container;
  if (text.starts_with("EDL1"))
    container.generation = EspdlGeneration::kEdl1;
  else if (!text.starts_with("EDL2"))
    fail("is not an .espdl (it begins with neither EDL1 nor EDL2)");
  const std::size_t header = header_bytes(container.generation);
  if (bytes.size() < header) fail("is cut off: its header has {} bytes of {}", bytes.size(), header);
  const std::uint32_t encryption = read_u32(bytes, 4);
  if (encryption == kAes) fail("is encrypted (AES-128-CTR); export it without encryption");
  if (encryption != kPlain) fail("is damaged: there is no encryption {}", encryption);
  const std::uint32_t payload = read_u32(bytes, 8);
  if (payload > bytes.size() - header)
    fail("is cut off: it announces {} bytes and has {}", payload, bytes.size() - header);
  if (payload > kMaxEspdlBytes) fail("has {} bytes, more than {}", payload, kMaxEspdlBytes);
  container.payload = bytes.subspan(header, payload);
  container.bytes = header + payload;
  return container;
}

EspdlContainer open_single(std::span<const std::uint8_t> bytes) {
  EspdlContainer container = open_container(bytes);
  device::PackedHeader packed;
  const device::Status status = device::read_packed_header(bytes, container.bytes, packed);
  if (status != device::Status::kOk && status != device::Status::kNoPackedWeights)
    fail("the packed weights behind it: {}", device::describe(status));
  const std::size_t end = status == device::Status::kOk
                              ? device::align_up(static_cast<std::uint32_t>(container.bytes)) + packed.bytes
                              : container.bytes;
  if (end != bytes.size()) fail("has {} bytes behind its end", bytes.size() - end);
  return container;
}

std::vector<std::uint8_t> close_container(std::span<const std::uint8_t> payload, EspdlGeneration generation) {
  if (payload.size() > kMaxEspdlBytes)
    fail("it takes {} bytes, more than {}", payload.size(), kMaxEspdlBytes);
  const std::string_view magic = magic_of(generation);
  std::vector<std::uint8_t> bytes(magic.begin(), magic.end());
  append_u32(bytes, 0);
  append_u32(bytes, static_cast<std::uint32_t>(payload.size()));
  bytes.resize(header_bytes(generation), 0);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

}  // namespace mudra::format
