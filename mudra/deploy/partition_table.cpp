#include "mudra/deploy/partition_table.hpp"

#include <algorithm>
#include <charconv>

#include "mudra/base/error.hpp"
#include "mudra/device/model_slots.hpp"

namespace mudra::deploy {
namespace {

using device::kFlashSector;

// The table itself lies at 0x8000 and is one sector long.
constexpr std::uint32_t kFirstOffset = 0x9000, kAppAlignment = 0x10000;
constexpr std::uint32_t kMaxFlash = 128u << 20;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// "0x10000", "65536", "64K", "1M".
std::uint32_t number_in(std::string_view text) {
  std::uint32_t factor = 1;
  std::string_view digits = text;
  if (digits.ends_with('K') || digits.ends_with('k')) factor = 1u << 10;
  if (digits.ends_with('M') || digits.ends_with('m')) factor = 1u << 20;
  if (factor > 1) digits.remove_suffix(1);
  const bool is_hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
  if (is_hexadecimal) digits.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [rest, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hexadecimal ? 16 : 10);
  if (digits.empty() || error != std::errc() || rest != digits.data() + digits.size() ||
      value > kMaxFlash / factor)
    fail("'{}' is no size or offset", text);
  return value * factor;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

Partition read_partition(std::string_view line, std::uint32_t behind) {
  constexpr std::size_t kLeast = 5, kMost = 6;
  const auto cells = cells_of(line);
  if (cells.size() < kLeast || cells.size() > kMost || cells[0].empty() || cells[1].empty())
    fail("not 'name, type, subtype, offset, size, flags'");
  Partition partition{.name = std::string(cells[0]),
                      .type = std::string(cells[1]),
                      .subtype = std::string(cells[2]),
                      .flags = cells.size() == kMost ? std::string(cells[kMost - 1]) : "",
                      .bytes = number_in(cells[4])};
  const std::uint32_t alignment = partition.type == "app" ? kAppAlignment : kFlashSector;
  partition.offset =
      cells[3].empty() ? (behind + alignment - 1) / alignment * alignment : number_in(cells[3]);
  if (partition.offset % alignment != 0)
    fail("'{}' begins at 0x{:x}, not at a multiple of 0x{:x}", cells[0], partition.offset, alignment);
  if (partition.offset < behind)
    fail("'{}' begins at 0x{:x}, inside of what is before it", cells[0], partition.offset);
  return partition;
}

}  // namespace

std::vector<Partition> read_partition_table(std::string_view csv) {
  std::vector<Partition> partitions;
  for (int number = 1; !csv.empty(); ++number) {
    const std::size_t newline = csv.find('\n');
    const std::string_view line = trimmed(csv.substr(0, newline));
    csv.remove_prefix(newline == std::string_view::npos ? csv.size() : newline + 1);
    if (line.empty() || line.starts_with('#')) continue;
    with_context(fmt::format("line {}", number), [&] {
      partitions.push_back(read_partition(line, std::max(kFirstOffset, end_of(partitions))));
    });
  }
  return partitions;
}

std::string write_partition_table(const std::vector<Partition>& partitions) {
  std::string csv = "# Name, Type, SubType, Offset, Size, Flags\n";
  for (const Partition& partition : partitions)
    csv += fmt::format("{}, {}, {}, 0x{:x}, 0x{:x}, {}\n", partition.name, partition.type, partition.subtype,
                       partition.offset, partition.bytes, partition.flags);
  return csv;
}

const Partition* find_partition(const std::vector<Partition>& partitions, std::string_view name) {
  const auto found = std::ranges::find(partitions, name, &Partition::name);
  return found == partitions.end() ? nullptr : &*found;
}

std::uint32_t end_of(const std::vector<Partition>& partitions) {
  std::uint32_t end = 0;
  for (const Partition& partition : partitions) end = std::max(end, partition.offset + partition.bytes);
  return end;
}

}  // namespace mudra::deploy
