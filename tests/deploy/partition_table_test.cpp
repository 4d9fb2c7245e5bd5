// partitions.csv as ESP-IDF's own tool reads it.
#include "mudra/deploy/partition_table.hpp"

#include <gtest/gtest.h>

#include "tests/refusal.hpp"

namespace mudra::deploy {
namespace {

TEST(PartitionTable, gives_partitions_without_an_offset_the_next_place_that_is_aligned) {
  const auto partitions = read_partition_table(
      "# Name, Type, SubType, Offset, Size\n"
      "nvs, data, nvs, , 0x6000,\n"
      "phy,data,phy,,4K\n"
      "\r\n"
      "factory, app, factory, , 1M\n"
      "model, data, 0x40, 0x200000, 2M, encrypted\n");
  ASSERT_EQ(partitions.size(), 4u);
  EXPECT_EQ(partitions[0].offset, 0x9000u);
  EXPECT_EQ(partitions[1].offset, 0xf000u);
  EXPECT_EQ(partitions[2].offset, 0x10000u);
  EXPECT_EQ(partitions[3].offset, 0x200000u);
  EXPECT_EQ(partitions[3].bytes, 2u << 20);
  EXPECT_EQ(partitions[3].flags, "encrypted");
  EXPECT_EQ(end_of(partitions), 4u << 20);
  ASSERT_NE(find_partition(partitions, "factory"), nullptr);
  EXPECT_EQ(find_partition(partitions, "other"), nullptr);
}

TEST(PartitionTable, reads_what_it_wrote) {
  const auto partitions = read_partition_table("a, app, factory, , 64K\nb, data, 0x40, , 0x1000, readonly\n");
  EXPECT_EQ(read_partition_table(write_partition_table(partitions)), partitions);
}

TEST(PartitionTable, refuses_what_is_none) {
  const auto read = [](std::string_view csv) { return refusal([&] { (void)read_partition_table(csv); }); };
  EXPECT_EQ(read("a, app, factory\n"), "line 1: not 'name, type, subtype, offset, size, flags'");
  EXPECT_EQ(read("\na, data, nvs, , many\n"), "line 2: 'many' is no size or offset");
  EXPECT_EQ(read("a, data, nvs, , 0x\n"), "line 1: '0x' is no size or offset");
  EXPECT_EQ(read("a, data, nvs, , 5000M\n"), "line 1: '5000M' is no size or offset");
  EXPECT_EQ(read("a, app, factory, 0x9000, 64K\n"),
            "line 1: 'a' begins at 0x9000, not at a multiple of 0x10000");
  EXPECT_EQ(read("a, data, nvs, 0x9000, 8K\nb, data, nvs, 0xa000, 4K\n"),
            "line 2: 'b' begins at 0xa000, inside of what is before it");
}

}  // namespace
}  // namespace mudra::deploy
