// ESP-IDF's partitions.csv: which part of the flash is for what.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mudra::deploy {

struct Partition {
  std::string name, type, subtype, flags;
  std::uint32_t offset = 0, bytes = 0;

  bool operator==(const Partition&) const = default;
};

// In the order of the file, offsets worked out as ESP-IDF's gen_esp32part.py does where the file leaves them
// open: behind the one before, apps at a multiple of 64 KB, others of 4 KB. Throws Error, naming the line,
// for what is no partition table, and for partitions that overlap.
std::vector<Partition> read_partition_table(std::string_view csv);

// With every offset and size said, comments in front. read_partition_table gives the partitions back.
std::string write_partition_table(const std::vector<Partition>& partitions);

const Partition* find_partition(const std::vector<Partition>& partitions, std::string_view name);

// The first byte behind all of them.
std::uint32_t end_of(const std::vector<Partition>& partitions);

}  // namespace mudra::deploy
