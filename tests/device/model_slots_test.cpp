// Two slots of a partition: where they lie, and what a header says of one whatever happened to it.
#include "mudra/device/model_slots.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "mudra/base/random.hpp"

namespace mudra::device {
namespace {

using HeaderBytes = std::array<std::uint8_t, SlotHeader::kBytes>;

HeaderBytes bytes_of(const SlotHeader& header) {
  HeaderBytes bytes;
  write_slot_header(header, bytes);
  return bytes;
}

constexpr SlotHeader kHeader{.sequence = 7, .bytes = 45712, .checksum = 0x5f3a0c11};

TEST(ModelSlots, are_whole_sectors_that_do_not_overlap) {
  for (const std::uint32_t partition : {0x100000u, 0x10000u, 0x13000u, 0x4000u}) {
    const SlotLayout slots(partition);
    EXPECT_GT(slots.room(), 0u) << partition;
    for (int i = 0; i < kModelSlots; ++i) {
      EXPECT_EQ(slots.start(i) % kFlashSector, 0u) << partition;
      EXPECT_EQ(slots.header(i), slots.start(i) + slots.room());
      EXPECT_LE(slots.header(i) + kFlashSector, i + 1 < kModelSlots ? slots.start(i + 1) : partition);
    }
  }
  for (const std::uint32_t partition : {0u, 0x1000u, 0x2000u, 0x3fffu})
    EXPECT_EQ(SlotLayout(partition).room(), 0u);
}

TEST(ModelSlots, of_the_smallest_partition_hold_the_model) {
  for (const std::uint32_t bytes : {1u, 4095u, 4096u, 4097u, 45712u}) {
    const auto partition = static_cast<std::uint32_t>(SlotLayout::partition_bytes(bytes));
    EXPECT_GE(SlotLayout(partition).room(), bytes);
    EXPECT_LT(SlotLayout(partition - 2 * kFlashSector).room(), bytes);
  }
}

TEST(ModelSlots, headers_are_read_as_they_were_written) {
  SlotHeader got;
  EXPECT_EQ(read_slot_header(bytes_of(kHeader), got), SlotMark::kWritten);
  EXPECT_EQ(got.sequence, kHeader.sequence);
  EXPECT_EQ(got.bytes, kHeader.bytes);
  EXPECT_EQ(got.checksum, kHeader.checksum);
}

TEST(ModelSlots, without_a_header_were_flashed_and_with_its_beginning_are_unfinished) {
  SlotHeader got;
  HeaderBytes bytes;
  bytes.fill(kErasedFlash);
  EXPECT_EQ(read_slot_header(bytes, got), SlotMark::kNone);
  std::copy_n(bytes_of(kHeader).begin(), SlotHeader::kMagicBytes, bytes.begin());
  EXPECT_EQ(read_slot_header(bytes, got), SlotMark::kUnfinished);
  EXPECT_EQ(read_slot_header(std::span(bytes).first(SlotHeader::kBytes - 1), got), SlotMark::kNone);
}

// Of every write that ended early, with the bits of one more byte as they come, and of every flipped bit.
TEST(ModelSlots, headers_that_are_not_whole_are_never_taken_for_one) {
  const HeaderBytes whole = bytes_of(kHeader);
  SlotHeader got;
  for (std::size_t done = 0; done < whole.size(); ++done)
    for (int bits = 0; bits < 256; ++bits) {
      HeaderBytes bytes;
      bytes.fill(kErasedFlash);
      std::copy_n(whole.begin(), done, bytes.begin());
      bytes[done] = static_cast<std::uint8_t>(whole[done] | bits);
      if (bytes != whole) {
        EXPECT_NE(read_slot_header(bytes, got), SlotMark::kWritten) << done << " " << bits;
      }
    }
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    HeaderBytes bytes = whole;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_NE(read_slot_header(bytes, got), SlotMark::kWritten) << bit;
  }
}

}  // namespace
}  // namespace mudra::device
