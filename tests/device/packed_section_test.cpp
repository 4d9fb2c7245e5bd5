// Weights packed behind a model: used where they lie if nothing is wrong with them, else packed into the
// arena.
#include "mudra/device/packed_section.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "mudra/base/files.hpp"
#include "mudra/device/engine.hpp"
#include "mudra/device/line.hpp"
#include "mudra/device/s3/kernels.hpp"
#include "mudra/sim/espdl_runner.hpp"
#include "mudra/sim/packed_model.hpp"
#include "mudra/sim/virtual_chip.hpp"
#include "tests/device/network_dags.hpp"
#include "tests/device/network_family.hpp"
#include "tests/refusal.hpp"
#include "tests/shared_data.hpp"

namespace mudra::device {
namespace {

using Bytes = std::vector<std::uint8_t>;

// An engine with vector kernels and as much memory as it wants.
struct OnChip {
  OnChip(const Bytes& file, PackedWeights where) : engine(sim::planned_engine(file, s3::kernels(), where)) {
    memory.resize(engine->arena_bytes() / sizeof(std::max_align_t) + 1);
    EXPECT_EQ(engine->prepare(file, arena(), s3::kernels(), where), Status::kOk);
  }
  std::span<std::byte> arena() {
    return std::as_writable_bytes(std::span(memory)).first(engine->arena_bytes());
  }

  std::vector<std::byte> run(std::uint64_t seed) {
    sim::VirtualChip chip;
    const sim::ExecuteOn here(chip);
    Random random(seed, 3);
    for (std::byte& byte : engine->input()) byte = static_cast<std::byte>(random.bits());
    EXPECT_EQ(engine->run(), Status::kOk);
    return {engine->output().begin(), engine->output().end()};
  }

  std::vector<std::max_align_t> memory;
  std::unique_ptr<Engine> engine;
};

Bytes network(std::uint64_t seed) {
  return format::write_espdl(seed % 2 == 0 ? random_network(seed) : random_dag(seed));
}

std::size_t section_begin(const Bytes& packed) {
  return align_up(static_cast<std::uint32_t>(sim::model_alone(packed).size()));
}

void write_u32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i)
    bytes[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> 8 * i);
}

// With a number of the section changed, and its checksum right again.
Bytes changed(Bytes packed, std::size_t at, std::uint32_t value) {
  const std::size_t begin = section_begin(packed);
  write_u32(packed, begin + at, value);
  write_u32(packed, begin + 4, crc32(std::span<const std::uint8_t>(packed).subspan(begin + 8)));
  return packed;
}

// What is said of the section. Where it is not used, no operation uses a part of it.
Status section_status(const Bytes& file) {
  const auto engine = sim::planned_engine(file, s3::kernels());
  const Status status = engine->packed_section();
  std::size_t in_place = 0;
  for (int i = 0; i < engine->network().size; ++i)
    in_place += engine->network().operation(i).convolution.packed != nullptr;
  EXPECT_EQ(in_place != 0, status == Status::kOk);
  EXPECT_EQ(engine->plan().packed_bytes == 0, status == Status::kOk);
  return status;
}

TEST(PackedSection, gives_the_integers_of_weights_in_the_arena) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Bytes model = network(seed), packed = sim::with_packed_weights(model);
    OnChip in_arena(model, PackedWeights::kInPlace), copied(packed, PackedWeights::kInArena);
    OnChip in_place(packed, PackedWeights::kInPlace);
    EXPECT_EQ(in_arena.engine->packed_section(), Status::kNoPackedWeights);
    EXPECT_EQ(in_place.engine->packed_section(), Status::kOk);
    EXPECT_EQ(copied.engine->arena_bytes(), in_arena.engine->arena_bytes());
    EXPECT_EQ(in_place.engine->arena_bytes() + in_arena.engine->plan().packed_bytes,
              in_arena.engine->arena_bytes());
    const auto expected = in_arena.run(seed);
    EXPECT_EQ(in_place.run(seed), expected) << seed;
    EXPECT_EQ(copied.run(seed), expected) << seed;
  }
}

TEST(PackedSection, of_every_published_model_gives_the_integers_of_weights_in_the_arena) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(shared_data("published/models"))) {
    if (entry.path().extension() != ".espdl") continue;
    ++models;
    const Bytes packed = sim::with_packed_weights(read_file(entry.path()));
    OnChip in_place(packed, PackedWeights::kInPlace), in_arena(packed, PackedWeights::kInArena);
    EXPECT_EQ(in_place.engine->packed_section(), Status::kOk) << entry.path();
    EXPECT_EQ(in_place.run(7), in_arena.run(7)) << entry.path();
  }
  EXPECT_GE(models, 4);
}

TEST(PackedSection, holds_what_is_packed_into_the_arena) {
  const Bytes packed = sim::with_packed_weights(network(4));
  const OnChip in_arena(packed, PackedWeights::kInArena), in_place(packed, PackedWeights::kInPlace);
  for (int i = 0; i < in_arena.engine->network().size; ++i) {
    const Operation& operation = in_arena.engine->network().operation(i);
    if (const std::size_t bytes = s3::kernels().packed_bytes(operation); bytes > 0) {
      const void* const place = in_place.engine->network().operation(i).convolution.packed;
      EXPECT_EQ(std::memcmp(place, operation.convolution.packed, bytes), 0) << i;
      EXPECT_TRUE(place >= packed.data() + section_begin(packed) && place < packed.data() + packed.size())
          << i;
    }
  }
}

TEST(PackedSection, of_a_packed_file_is_the_same_one) {
  const Bytes packed = sim::with_packed_weights(network(2));
  EXPECT_EQ(sim::with_packed_weights(packed), packed);
  EXPECT_EQ(packed.size() % kAlignment, 0u);
  Bytes stale = packed;
  stale.back() ^= 1;
  EXPECT_EQ(sim::with_packed_weights(stale), packed);
}

// Whoever changes what is packed makes one more version of it, so that no chip uses what an older program
// packed; and changes this checksum.
TEST(PackedSection, of_this_version_has_these_bytes) {
  constexpr std::size_t kOperationsAt = 24;  // what follows does not depend on the model's own bytes
  std::uint32_t checksum = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Bytes packed = sim::with_packed_weights(network(seed));
    checksum =
        crc32(std::span<const std::uint8_t>(packed).subspan(section_begin(packed) + kOperationsAt), checksum);
  }
  EXPECT_EQ(s3::kPackingVersion, 1u);
  EXPECT_EQ(checksum, 756666742u);
}

TEST(PackedSection, is_not_used_if_any_byte_of_it_is_damaged) {
  const Bytes packed = sim::with_packed_weights(format::write_espdl(format::small_espdl()));
  ASSERT_EQ(section_status(packed), Status::kOk);
  for (std::size_t i = section_begin(packed); i < packed.size(); ++i)
    for (const int bit : {0, 7}) {
      Bytes damaged = packed;
      damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ 1 << bit);
      ASSERT_NE(section_status(damaged), Status::kOk) << i;
    }
}

TEST(PackedSection, is_not_used_if_it_is_cut_off_anywhere) {
  const Bytes packed = sim::with_packed_weights(format::write_espdl(format::small_espdl()));
  const std::size_t model = sim::model_alone(packed).size(), begin = section_begin(packed);
  for (std::size_t size = model; size < packed.size(); ++size)
    ASSERT_EQ(section_status(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size))),
              size < begin + 4 ? Status::kNoPackedWeights : Status::kTruncated)
        << size;
  Bytes longer = packed;
  longer.insert(longer.end(), 1000, 0xFF);  // the rest of a partition
  EXPECT_EQ(section_status(longer), Status::kOk);
}

TEST(PackedSection, says_what_is_wrong_with_it) {
  const Bytes packed = sim::with_packed_weights(network(4));
  const auto engine = sim::planned_engine(packed, s3::kernels());
  const std::uint32_t bytes = static_cast<std::uint32_t>(packed.size() - section_begin(packed));
  const auto first_offset = [&](std::uint32_t value) {
    return section_status(changed(packed, PackedHeader::kBytes, value));
  };
  EXPECT_EQ(section_status(changed(packed, 8, bytes + 16)), Status::kTruncated);
  EXPECT_EQ(section_status(changed(packed, 8, 16)), Status::kBadOffset);
  EXPECT_EQ(section_status(changed(packed, 8, bytes - 16)), Status::kBadChecksum);
  EXPECT_EQ(section_status(changed(packed, 12, 7)), Status::kOtherKernels);
  EXPECT_EQ(section_status(changed(packed, 16, s3::kPackingVersion + 1)), Status::kOtherKernels);
  EXPECT_EQ(section_status(changed(packed, 20, 7)), Status::kOtherModel);
  EXPECT_EQ(section_status(changed(packed, 24, static_cast<std::uint32_t>(engine->network().size - 1))),
            Status::kOtherModel);
  EXPECT_EQ(section_status(changed(packed, 24, ~0u)), Status::kBadOffset);
  for (const std::uint32_t offset : {0u, 16u, 40u, bytes - 16, bytes, ~0u - 15})
    EXPECT_EQ(first_offset(offset), Status::kBadOffset) << offset;

  Bytes other = sim::with_packed_weights(network(6));
  other.erase(other.begin(), other.begin() + static_cast<std::ptrdiff_t>(section_begin(other)));
  other.insert(other.begin(), packed.begin(),
               packed.begin() + static_cast<std::ptrdiff_t>(section_begin(packed)));
  EXPECT_EQ(section_status(other), Status::kOtherModel);
}

TEST(PackedSection, at_no_multiple_of_16_is_as_if_there_were_none) {
  const Bytes packed = sim::with_packed_weights(network(4));
  Bytes moved(4);
  moved.insert(moved.end(), packed.begin(), packed.end());
  Engine engine;
  EXPECT_EQ(engine.prepare(std::span<const std::uint8_t>(moved).subspan(4), {}, s3::kernels()),
            Status::kArenaTooSmall);
  EXPECT_EQ(engine.packed_section(), Status::kMisaligned);
  EXPECT_GT(engine.plan().packed_bytes, 0u);
}

TEST(PackedSection, that_is_not_used_makes_the_engine_say_what_it_needs_instead) {
  const Bytes packed = sim::with_packed_weights(network(4)), damaged = changed(packed, 16, 0);
  OnChip in_place(packed, PackedWeights::kInPlace);
  const std::size_t needed =
      sim::planned_engine(packed, s3::kernels(), PackedWeights::kInArena)->arena_bytes();
  Engine engine;
  EXPECT_EQ(engine.prepare(damaged, in_place.arena(), s3::kernels()), Status::kArenaTooSmall);
  EXPECT_EQ(engine.packed_section(), Status::kOtherKernels);
  EXPECT_EQ(engine.problem().needed_bytes, needed);
  EXPECT_GT(needed, in_place.engine->arena_bytes());
  OnChip with_room(damaged, PackedWeights::kInPlace);
  EXPECT_EQ(with_room.run(1), in_place.run(1));
}

TEST(PackedSection, is_nothing_to_kernels_that_keep_none) {
  const Bytes packed = sim::with_packed_weights(network(4));
  EXPECT_EQ(sim::planned_engine(packed, portable_kernels())->packed_section(), Status::kNoPackedWeights);
}

TEST(PackedSection, is_not_seen_by_who_reads_the_model) {
  const Bytes model = network(4), packed = sim::with_packed_weights(model);
  EXPECT_EQ(format::read_espdl(packed), format::read_espdl(model));
  EXPECT_EQ(sim::describe_packed_weights(model), "");
  EXPECT_EQ(sim::describe_packed_weights(packed),
            fmt::format("{} bytes of packed weights behind the model, used where they lie\n",
                        packed.size() - model.size()));
  const Bytes stale = changed(packed, 20, 7);
  EXPECT_EQ(format::read_espdl(stale), format::read_espdl(model));
  EXPECT_THAT(sim::describe_packed_weights(stale),
              testing::EndsWith(", which are not used: made of another model\n"));

  Bytes damaged = packed;
  damaged.back() ^= 1;
  const auto why = [](const Bytes& bytes) { return refusal([&] { (void)format::read_espdl(bytes); }); };
  EXPECT_EQ(why(damaged), "the packed weights behind it: checksum is wrong");
  damaged.pop_back();
  EXPECT_EQ(why(damaged), "the packed weights behind it: file is shorter than its header says");
  Bytes longer = packed;
  longer.push_back(0);
  EXPECT_EQ(why(longer), "has 1 bytes behind its end");
}

TEST(PackedSection, of_the_published_models_leaves_this_much_to_the_arena) {
  if (shared_data().empty()) GTEST_SKIP() << "MUDRA_SHARED is not set";
  struct ArenaSizes {
    const char* model;
    std::size_t in_place, in_arena;
  };
  // The image included.
  constexpr ArenaSizes kSizes[] = {{"published/models/gesture_model_int8.espdl", 30'096, 76'064},
                                   {"published/models/gesture_model_mixed.espdl", 37'200, 82'752}};
  for (const ArenaSizes& sizes : kSizes) {
    const Bytes packed = sim::with_packed_weights(read_file(shared_data(sizes.model)));
    EXPECT_EQ(sim::planned_engine(packed, s3::kernels())->arena_bytes(), sizes.in_place);
    EXPECT_EQ(sim::planned_engine(packed, s3::kernels(), PackedWeights::kInArena)->arena_bytes(),
              sizes.in_arena);
    OnChip in_place(packed, PackedWeights::kInPlace), in_arena(packed, PackedWeights::kInArena);
    EXPECT_EQ(in_place.run(5), in_arena.run(5)) << sizes.model;
  }
}

}  // namespace
}  // namespace mudra::device
