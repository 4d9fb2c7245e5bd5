// Whole files in and out: reading with a size limit, and writing that never leaves half a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mudra {

// No file mudra reads into memory is larger than this; more is refused before anything is allocated.
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{4} << 30;

// Throws Error{kIo}: "PATH: " and what errno `error` means.
[[noreturn]] void fail_io(const std::filesystem::path& path, int error);

// The bytes of a regular file. Throws Error with the path in front: missing, a folder, unreadable, too large.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path);

// As read_file, as text.
std::string read_text(const std::filesystem::path& path);

// PATH.PID.tmp: where this process makes what will be renamed to `path`.
std::filesystem::path temporary_name(const std::filesystem::path& path);

// Writes `bytes` to a temporary name beside `path`, flushes to disk and renames: readers see the old file or
// the whole new one. Throws Error{kIo} (full disk, unwritable folder), leaving nothing behind.
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_text(const std::filesystem::path& path, std::string_view text);

// Removes the temporary files that killed writers left in `folder` (none if it is missing): NAME.PID.tmp
// where no process PID runs any more.
void remove_abandoned_files(const std::filesystem::path& folder);

// Creates `folder` and its parents where missing. Throws Error{kIo}.
void make_folder(const std::filesystem::path& folder);

}  // namespace mudra
