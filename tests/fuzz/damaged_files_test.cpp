// Files cut short and files with a flipped bit: every reader answers, and what it accepts can be used.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <ostream>

#include "mudra/base/files.hpp"
#include "mudra/base/random.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/fuzz/targets.hpp"

namespace mudra::fuzz {

std::ostream& operator<<(std::ostream& out, const Seed& seed) { return out << seed.name; }

namespace {

void read(const Seed& seed, Bytes bytes) {
  const auto* target = std::ranges::find(kTargets, seed.target, &Target::name);
  ASSERT_NE(target, std::end(kTargets)) << seed.target;
  target->read(bytes);
  if (seed.target == "espdl") read_engine(bytes);  // reads the same files
}

class DamagedFile : public ::testing::TestWithParam<Seed> {};

TEST_P(DamagedFile, cut_off_at_every_byte_is_read_or_refused) {
  const std::vector<std::uint8_t>& whole = GetParam().bytes;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    read(GetParam(), cut);  // of its own memory, so that a sanitizer sees what is read behind the end
  }
}

TEST_P(DamagedFile, with_any_of_10000_bits_flipped_is_read_or_refused) {
  std::vector<std::uint8_t> bytes = GetParam().bytes;
  const auto bits = static_cast<std::uint32_t>(8 * bytes.size());
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint32_t bit = random.below(bits);
    const auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
    bytes[bit / 8] ^= mask;
    read(GetParam(), bytes);
    bytes[bit / 8] ^= mask;
  }
}

std::string test_name(const ::testing::TestParamInfo<Seed>& info) {
  std::string name = info.param.name;
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(, DamagedFile, ::testing::ValuesIn(make_seeds()), test_name);

// What fuzzing found once, in regressions/TARGET.
TEST(Regressions, are_read_or_refused) {
  int files = 0;
  for (const Target& target : kTargets) {
    const std::filesystem::path folder = std::filesystem::path(MUDRA_REGRESSIONS) / target.name;
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      target.read(read_file(entry.path()));
      ++files;
    }
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace mudra::fuzz
