#include "mudra/base/zip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"

namespace mudra {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 30;

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

std::vector<ZipEntry> three_entries() {
  return {{"a.txt", bytes_of("first")}, {"folder/b.bin", Bytes(3000, 7)}, {"empty", {}}};
}

// 1000 zero bytes as "z", deflated, made by Python's zipfile with a fixed date.
const Bytes kDeflated = {0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x21, 0x00,
                         0x80, 0x17, 0x0b, 0x06, 0x0b, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00, 0x01, 0x00,
                         0x00, 0x00, 0x7a, 0x63, 0x60, 0x18, 0x05, 0xa3, 0x60, 0x14, 0x0c, 0x77, 0x00, 0x00,
                         0x50, 0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00,
                         0x21, 0x00, 0x80, 0x17, 0x0b, 0x06, 0x0b, 0x00, 0x00, 0x00, 0xe8, 0x03, 0x00, 0x00,
                         0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x01,
                         0x00, 0x00, 0x00, 0x00, 0x7a, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01,
                         0x00, 0x01, 0x00, 0x2f, 0x00, 0x00, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x00, 0x00};

// The error text of reading `archive`; empty when it is read.
std::string refusal(const Bytes& archive, std::uint64_t max_bytes = kPlenty) {
  try {
    read_zip(archive, max_bytes);
    return "";
  } catch (const Error& error) {
    return error.text;
  }
}

// Overwrites the little-endian u32 at `offset` behind the `nth` record that begins with `signature`.
void patch(Bytes& archive, std::string_view signature, std::size_t offset, std::uint32_t value) {
  const auto at = std::search(archive.begin(), archive.end(), signature.begin(), signature.end());
  ASSERT_NE(at, archive.end());
  std::memcpy(&*at + offset, &value, sizeof value);
}

constexpr std::string_view kDirectoryRecord = "PK\1\2";
constexpr std::size_t kDirectorySize = 24, kLocalSize = 22;

TEST(Zip, what_is_written_is_read_back_in_order) {
  const auto entries = three_entries();
  const auto back = read_zip(write_zip(entries), kPlenty);
  ASSERT_EQ(back.size(), entries.size());
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i].name, entries[i].name);
    EXPECT_EQ(back[i].bytes, entries[i].bytes);
  }
}

TEST(Zip, equal_entries_give_equal_bytes_stored_uncompressed) {
  const Bytes archive = write_zip(three_entries());
  EXPECT_EQ(archive, write_zip(three_entries()));
  EXPECT_GT(archive.size(), 3000u);
}

TEST(Zip, an_archive_without_entries_is_an_archive) { EXPECT_TRUE(read_zip(write_zip({}), kPlenty).empty()); }

TEST(Zip, entries_are_found_by_name) {
  const auto entries = three_entries();
  ASSERT_NE(find_entry(entries, "empty"), nullptr);
  EXPECT_EQ(find_entry(entries, "folder/b.bin")->bytes.size(), 3000u);
  EXPECT_EQ(find_entry(entries, "nothing"), nullptr);
}

TEST(Zip, what_is_no_archive_is_refused) {
  EXPECT_THAT(refusal({}), testing::HasSubstr("not a whole zip archive"));
  EXPECT_THAT(refusal(bytes_of("no archive at all")), testing::HasSubstr("not a whole zip archive"));
}

TEST(Zip, every_truncation_is_refused) {
  const Bytes archive = write_zip(three_entries());
  for (std::size_t length = 0; length < archive.size(); ++length)
    ASSERT_NE(refusal(Bytes(archive.begin(), archive.begin() + static_cast<std::ptrdiff_t>(length))), "")
        << length;
}

TEST(Zip, a_name_twice_is_refused) {
  Bytes archive = write_zip(std::vector<ZipEntry>{{"aa", bytes_of("1")}, {"ab", bytes_of("2")}});
  for (auto& byte : archive)
    if (byte == 'b') byte = 'a';
  EXPECT_THAT(refusal(archive), testing::HasSubstr("'aa' is in the zip archive twice"));
}

TEST(Zip, more_than_the_allowed_bytes_are_refused) {
  const Bytes archive = write_zip(three_entries());
  EXPECT_EQ(refusal(archive, 3005), "");
  EXPECT_THAT(refusal(archive, 3004), testing::HasSubstr("more than the 2999 still allowed"));
}

TEST(Zip, a_damaged_entry_is_refused_by_its_checksum) {
  Bytes archive = write_zip(three_entries());
  const auto at = std::search(archive.begin(), archive.end(), std::begin("first"), std::end("first") - 1);
  ASSERT_NE(at, archive.end());
  *at ^= 1;
  EXPECT_THAT(refusal(archive), testing::HasSubstr("a.txt: CRC error"));
}

TEST(Zip, a_size_no_data_can_unpack_to_is_refused_before_memory_is_taken) {
  Bytes archive = write_zip(three_entries());
  patch(archive, kDirectoryRecord, kDirectorySize, 0x7fffffff);
  patch(archive, "PK\3\4", kLocalSize, 0x7fffffff);
  EXPECT_THAT(refusal(archive, std::uint64_t{1} << 40), testing::HasSubstr("cannot unpack to 2147483647"));
}

TEST(Zip, deflated_entries_are_unpacked) {
  const auto entries = read_zip(kDeflated, kPlenty);
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].name, "z");
  EXPECT_EQ(entries[0].bytes, Bytes(1000, 0));
}

TEST(Zip, a_bomb_that_states_more_than_allowed_is_refused) {
  EXPECT_THAT(refusal(kDeflated, 999), testing::HasSubstr("z: unpacks to 1000 bytes"));
}

TEST(Zip, a_bomb_that_states_less_than_it_unpacks_to_is_refused) {
  Bytes archive = kDeflated;
  patch(archive, kDirectoryRecord, kDirectorySize, 10);
  patch(archive, "PK\3\4", kLocalSize, 10);
  EXPECT_NE(refusal(archive), "");
}

TEST(Zip, a_size_below_the_data_is_refused) {
  Bytes archive = write_zip(three_entries());
  patch(archive, kDirectoryRecord, kDirectorySize, 2);
  EXPECT_NE(refusal(archive), "");
}

TEST(Zip, thousands_of_flipped_bits_never_crash_or_return_other_bytes) {
  const auto entries = three_entries();
  const Bytes archive = write_zip(entries);
  Random random(11);
  for (int i = 0; i < 3000; ++i) {
    Bytes damaged = archive;
    damaged[random.below(static_cast<std::uint32_t>(damaged.size()))] ^=
        static_cast<std::uint8_t>(1 << random.below(8));
    try {
      for (const ZipEntry& entry : read_zip(damaged, kPlenty)) {
        const ZipEntry* original = find_entry(entries, entry.name);
        ASSERT_TRUE(original == nullptr || entry.bytes == original->bytes);
      }
    } catch (const Error& error) {
      ASSERT_FALSE(error.text.empty());
    }
  }
}

}  // namespace
}  // namespace mudra
