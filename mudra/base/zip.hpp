// Zip archives in memory, as .npz and .pth are: entries by name, uncompressed and deterministic when written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mudra {

struct ZipEntry {
  std::string name;
  std::vector<std::uint8_t> bytes;
};

// All entries of an archive, in its order; stored and deflated ones. Throws Error for anything that is not a
// whole zip archive, an entry name twice, or entries of more than `max_bytes` together.
std::vector<ZipEntry> read_zip(std::span<const std::uint8_t> archive, std::uint64_t max_bytes);

// The entry called `name`, or nullptr.
const ZipEntry* find_entry(std::span<const ZipEntry> entries, std::string_view name);

// The archive's bytes: entries stored uncompressed in the given order with a fixed date, so that equal
// entries give equal bytes. Throws Error{kIo} when memory runs out.
std::vector<std::uint8_t> write_zip(std::span<const ZipEntry> entries);

}  // namespace mudra
