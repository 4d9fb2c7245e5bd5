#include "mudra/base/zip.hpp"

#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_set>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

// Ends reading or writing without saving; release() hands the archive to zip_close.
using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Source = std::unique_ptr<zip_source_t, decltype(&zip_source_free)>;
using EntryFile = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

// An error slot of libzip's with its lifetime managed.
struct ZipError {
  zip_error_t value;
  ZipError() { zip_error_init(&value); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  ~ZipError() { zip_error_fini(&value); }
  std::string text() { return zip_error_strerror(&value); }
};

// Deflate cannot expand further than this (a 258-byte match from two bits); more in a header is a lie.
constexpr std::uint64_t kMostInflation = 1032;

Archive open_archive(std::span<const std::uint8_t> bytes) {
  ZipError error;
  Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error.value), zip_source_free);
  if (source == nullptr) throw Error(ErrorKind::kIo, error.text());
  Archive archive(zip_open_from_source(source.get(), ZIP_RDONLY, &error.value), zip_discard);
  if (archive == nullptr) fail("not a whole zip archive ({})", error.text());
  (void)source.release();  // the archive owns it now
  return archive;
}

// What the directory says of entry `index`, checked before anything is allocated for it.
zip_stat_t checked_stat(zip_t* archive, std::uint64_t index, std::uint64_t max_bytes) {
  zip_stat_t stat;
  constexpr std::uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive, index, ZIP_FL_ENC_RAW, &stat) != 0 || (stat.valid & kNeeded) != kNeeded)
    fail("entry {} of the zip archive is unreadable", index);
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
    fail("{}: zip compression method {} is neither stored nor deflated", stat.name, stat.comp_method);
  if (stat.size > max_bytes)
    fail("{}: unpacks to {} bytes, more than the {} still allowed", stat.name, stat.size, max_bytes);
  const std::uint64_t inflation = stat.comp_method == ZIP_CM_STORE ? 1 : kMostInflation;
  if (stat.size / inflation > stat.comp_size)
    fail("{}: {} bytes cannot unpack to {}", stat.name, stat.comp_size, stat.size);
  return stat;
}

std::vector<std::uint8_t> read_entry(zip_t* archive, std::uint64_t index, const zip_stat_t& stat) {
  EntryFile file(zip_fopen_index(archive, index, 0), zip_fclose);
  if (file == nullptr) fail("{}: {}", stat.name, zip_strerror(archive));
  // Grown while data really arrives, so that a lying size costs no memory.
  constexpr std::uint64_t kStep = std::uint64_t{16} << 20;
  std::vector<std::uint8_t> bytes;
  for (;;) {
    const std::uint64_t done = bytes.size();
    // One byte more than promised, to reach the end of the data, where libzip checks its CRC.
    bytes.resize(done + std::min(kStep, stat.size - done + 1));
    const zip_int64_t got = zip_fread(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0) fail("{}: {}", stat.name, zip_file_strerror(file.get()));
    bytes.resize(done + static_cast<std::uint64_t>(got));
    if (bytes.size() > stat.size)
      fail("{}: unpacks to more than the {} bytes it states", stat.name, stat.size);
    if (got == 0) break;
  }
  if (bytes.size() != stat.size)
    fail("{}: unpacks to {} bytes, not the {} it states", stat.name, bytes.size(), stat.size);
  return bytes;
}

// The whole contents of `source` after zip_close has written to it.
std::vector<std::uint8_t> drain(zip_source_t* source) {
  const auto fail_source = [&]() {
    throw Error(ErrorKind::kIo, fmt::format("zip: {}", zip_error_strerror(zip_source_error(source))));
  };
  zip_stat_t stat;
  if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0) fail_source();
  std::vector<std::uint8_t> bytes(stat.size);
  const bool whole =
      zip_source_read(source, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size());
  zip_source_close(source);
  if (!whole) fail_source();
  return bytes;
}

void add_entry(zip_t* archive, const ZipEntry& entry) {
  const auto fail_archive = [&]() {
    throw Error(ErrorKind::kIo, fmt::format("{}: {}", entry.name, zip_strerror(archive)));
  };
  zip_source_t* content = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
  if (content == nullptr) fail_archive();
  const zip_int64_t index = zip_file_add(archive, entry.name.c_str(), content, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(content);
    fail_archive();
  }
  constexpr zip_uint16_t kMidnight = 0, kFirstOfJanuary1980 = (1 << 5) | 1;  // MS-DOS: month << 5 | day
  const auto place = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(archive, place, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, place, kMidnight, kFirstOfJanuary1980, 0) != 0)
    fail_archive();
}

}  // namespace

std::vector<ZipEntry> read_zip(std::span<const std::uint8_t> archive_bytes, std::uint64_t max_bytes) {
  if (archive_bytes.empty())
    fail("not a whole zip archive (no bytes)");  // libzip would take it for a new one
  const Archive archive = open_archive(archive_bytes);
  const auto count = static_cast<std::uint64_t>(zip_get_num_entries(archive.get(), 0));
  std::vector<ZipEntry> entries;
  std::unordered_set<std::string> names;
  std::uint64_t allowed = max_bytes;
  for (std::uint64_t i = 0; i < count; ++i) {
    const zip_stat_t stat = checked_stat(archive.get(), i, allowed);
    if (!names.insert(stat.name).second) fail("'{}' is in the zip archive twice", stat.name);
    entries.push_back({stat.name, read_entry(archive.get(), i, stat)});
    allowed -= stat.size;
  }
  return entries;
}

const ZipEntry* find_entry(std::span<const ZipEntry> entries, std::string_view name) {
  const auto it = std::ranges::find(entries, name, &ZipEntry::name);
  return it == entries.end() ? nullptr : &*it;
}

std::vector<std::uint8_t> write_zip(std::span<const ZipEntry> entries) {
  if (entries.empty()) {  // libzip removes an archive that has become empty; this is its end record alone
    std::vector<std::uint8_t> bytes(22);
    std::ranges::copy(std::array<std::uint8_t, 4>{'P', 'K', 5, 6}, bytes.begin());
    return bytes;
  }
  ZipError error;
  Source target(zip_source_buffer_create(nullptr, 0, 0, &error.value), zip_source_free);
  if (target == nullptr) throw Error(ErrorKind::kIo, error.text());
  Archive archive(zip_open_from_source(target.get(), ZIP_CREATE | ZIP_TRUNCATE, &error.value), zip_discard);
  if (archive == nullptr) throw Error(ErrorKind::kIo, error.text());
  zip_source_keep(target.get());  // one reference for the archive, one for reading the result
  for (const ZipEntry& entry : entries) add_entry(archive.get(), entry);
  if (zip_close(archive.get()) != 0)
    throw Error(ErrorKind::kIo, fmt::format("zip: {}", zip_strerror(archive.get())));
  (void)archive.release();
  return drain(target.get());
}

}  // namespace mudra
