#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "mudra/base/error.hpp"
#include "mudra/base/printable.hpp"
#include "mudra/format/espdl_container.hpp"
#include "mudra/format/sha256.hpp"

namespace mudra::format {
namespace {

// espdl-format.md, section 10.
constexpr std::size_t kMagicBytes = 4, kVersionBytes = 16, kDigestBytes = 32, kEntryBytes = 12;
constexpr std::size_t kSizeAt = kMagicBytes + kVersionBytes, kDigestAt = kSizeAt + 4;
constexpr std::string_view kVersion = "v1.0";
constexpr std::uint32_t kMaxEntries = 256;
constexpr std::size_t kAlignment = 16;

constexpr std::size_t count_at(EspdlPackGeneration generation) {
  return generation == EspdlPackGeneration::kPdl3 ? kDigestAt + kDigestBytes : kMagicBytes;
}

constexpr EspdlGeneration content_of(EspdlPackGeneration generation) {
  return generation == EspdlPackGeneration::kPdl1 ? EspdlGeneration::kEdl1 : EspdlGeneration::kEdl2;
}

bool begins_with(std::span<const std::uint8_t> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

EspdlPackGeneration generation_of(std::span<const std::uint8_t> bytes) {
  if (begins_with(bytes, "PDL1")) return EspdlPackGeneration::kPdl1;
  if (begins_with(bytes, "PDL2")) return EspdlPackGeneration::kPdl2;
  if (begins_with(bytes, "PDL3")) return EspdlPackGeneration::kPdl3;
  fail("is not a pack of .espdl files");
}

std::array<std::uint8_t, kDigestBytes> digest_of(std::span<const std::uint8_t> pack) {
  std::vector<std::uint8_t> bytes(pack.begin(), pack.end());
  std::fill_n(bytes.begin() + kDigestAt, kDigestBytes, std::uint8_t{0});
  return sha256(bytes);
}

// The bytes a PDL3 counts as its own.
std::span<const std::uint8_t> checked(std::span<const std::uint8_t> bytes) {
  const std::uint32_t size = read_u32(bytes, kSizeAt);
  if (size < count_at(EspdlPackGeneration::kPdl3) + 4 || size > bytes.size())
    fail("is cut off: it announces {} bytes and has {}", size, bytes.size());
  const auto pack = bytes.first(size);
  const auto stored = pack.subspan(kDigestAt, kDigestBytes);
  if (!std::ranges::equal(digest_of(pack), stored)) fail("is damaged: its SHA-256 is another");
  return pack;
}

std::span<const std::uint8_t> part_of(std::span<const std::uint8_t> pack, std::size_t offset,
                                      std::size_t bytes) {
  if (offset > pack.size() || bytes > pack.size() - offset) fail("is damaged: an entry lies outside");
  return pack.subspan(offset, bytes);
}

}  // namespace

bool is_espdl_pack(std::span<const std::uint8_t> bytes) { return begins_with(bytes, "PDL"); }

std::vector<std::pair<std::string, EspdlContainer>> open_pack(std::span<const std::uint8_t> bytes) {
  const EspdlPackGeneration generation = generation_of(bytes);
  const std::size_t header = count_at(generation) + 4;
  if (bytes.size() < header) fail("is cut off: its header has {} bytes of {}", bytes.size(), header);
  const auto pack = generation == EspdlPackGeneration::kPdl3 ? checked(bytes) : bytes;
  const std::uint32_t count = read_u32(pack, header - 4);
  if (count == 0 || count > kMaxEntries) fail("holds {} models; 1 to {} are supported", count, kMaxEntries);
  const auto table = part_of(pack, header, count * kEntryBytes);
  std::vector<std::pair<std::string, EspdlContainer>> entries;
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = table.subspan(i * kEntryBytes, kEntryBytes);
    const auto data = read_u32(entry, 0), name_offset = read_u32(entry, 4), name_length = read_u32(entry, 8);
    if (name_length > kMaxNameLength) fail("is damaged: a name has {} characters", name_length);
    const auto name = part_of(pack, name_offset, name_length);
    const std::string text(name.begin(), name.end());
    check_printable(text, "model's name");
    with_context(text, [&] {
      const EspdlContainer container =
          open_container(part_of(pack, data, pack.size() - std::min<std::size_t>(data, pack.size())));
      if (container.generation != content_of(generation)) fail("is of another generation than its pack");
      total += container.bytes;
      if (total > pack.size()) fail("overlaps another model of the pack");
      entries.emplace_back(text, container);
    });
  }
  return entries;
}

std::vector<EspdlPackEntry> read_espdl_pack(std::span<const std::uint8_t> bytes) {
  std::vector<EspdlPackEntry> entries;
  for (const auto& [name, container] : open_pack(bytes))
    with_context(name, [&, &name = name, &container = container] {
      entries.push_back({name, read_container(container)});
    });
  return entries;
}

std::vector<std::uint8_t> write_espdl_pack(std::span<const EspdlPackEntry> entries,
                                           EspdlPackGeneration generation) {
  if (entries.empty() || entries.size() > kMaxEntries) fail("a pack holds 1 to {} models", kMaxEntries);
  const std::size_t header = count_at(generation) + 4, names_at = header + entries.size() * kEntryBytes;
  const bool aligned = generation != EspdlPackGeneration::kPdl1;
  std::vector<std::uint8_t> names, data;
  std::vector<std::array<std::size_t, 3>>
      table;  // data's offset behind the names, name's offset, name's length
  std::set<std::string_view> taken;
  for (const auto& [name, file] : entries) {
    if (name.empty() || name.size() > kMaxNameLength)
      fail("a model of a pack needs a name of 1 to {} bytes", kMaxNameLength);
    if (!taken.insert(name).second) fail("two models of the pack are called '{}'", name);
    if (file.generation != content_of(generation)) fail("'{}' is of another generation than its pack", name);
    table.push_back({data.size(), names_at + names.size(), name.size()});
    names.insert(names.end(), name.begin(), name.end());
    const auto bytes = with_context(name, [&file = file] { return write_espdl(file); });
    data.insert(data.end(), bytes.begin(), bytes.end());
    if (aligned) data.resize((data.size() + kAlignment - 1) / kAlignment * kAlignment, 0);
  }
  const std::size_t data_at = aligned ? (names_at + names.size() + kAlignment - 1) / kAlignment * kAlignment
                                      : names_at + names.size();
  if (data_at + data.size() > kMaxEspdlBytes) fail("the pack takes more than {} bytes", kMaxEspdlBytes);

  constexpr std::string_view kMagics[] = {"PDL1", "PDL2", "PDL3"};
  const std::string_view magic = kMagics[static_cast<std::size_t>(generation)];
  std::vector<std::uint8_t> pack(magic.begin(), magic.end());
  if (generation == EspdlPackGeneration::kPdl3) {
    pack.insert(pack.end(), kVersion.begin(), kVersion.end());
    pack.resize(kSizeAt, 0);
    append_u32(pack, static_cast<std::uint32_t>(data_at + data.size()));
    pack.resize(kDigestAt + kDigestBytes, 0);
  }
  append_u32(pack, static_cast<std::uint32_t>(entries.size()));
  for (const auto& [data_offset, name_offset, name_length] : table) {
    append_u32(pack, static_cast<std::uint32_t>(data_at + data_offset));
    append_u32(pack, static_cast<std::uint32_t>(name_offset));
    append_u32(pack, static_cast<std::uint32_t>(name_length));
  }
  pack.insert(pack.end(), names.begin(), names.end());
  pack.resize(data_at, 0);
  pack.insert(pack.end(), data.begin(), data.end());
  if (generation == EspdlPackGeneration::kPdl3) std::ranges::copy(digest_of(pack), pack.begin() + kDigestAt);
  return pack;
}

}  // namespace mudra::format
