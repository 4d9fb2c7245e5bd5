// What the vector kernels are checked with before an engine relies on them, and how large they are.
#include "mudra/device/s3/kernels.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <set>
#include <string>

#include "mudra/device/s3/self_check.hpp"
#include "mudra/sim/virtual_chip.hpp"
#include "tests/device/damaged_chip.hpp"
#include "tests/device/random_sample.hpp"

namespace mudra::device::s3 {
namespace {

#define MUDRA_S3_NAME(name) #name,
constexpr std::string_view kRoutines[] = {MUDRA_S3_ROUTINES(MUDRA_S3_NAME)};
#undef MUDRA_S3_NAME

std::optional<Form> check_on(Executor& executor) {
  const sim::ExecuteOn here(executor);
  alignas(kAlignment) static std::byte memory[kSelfCheckBytes];
  return first_wrong_form(memory);
}

TEST(VectorKernels, are_right_on_the_virtual_chip) {
  sim::VirtualChip chip;
  EXPECT_EQ(check_on(chip), std::nullopt);
}

TEST(VectorKernels, are_all_run_by_the_self_check) {
  DamagedChip chip("");
  EXPECT_EQ(check_on(chip), std::nullopt);
  EXPECT_EQ(chip.called(), std::set<std::string>(std::begin(kRoutines), std::end(kRoutines)));
}

// The form that a routine computes has the name that the routine's begins with, as a rule.
Form form_of_routine(std::string_view routine) {
  if (routine == "mudra_s3_add_pixels8") return Form::kAverage;
  routine.remove_prefix(std::string_view("mudra_s3_").size());
  Form best = Form::kPortable;
  for (int i = 1; i <= static_cast<int>(Form::kAverage); ++i) {
    const auto form = static_cast<Form>(i);
    const bool longer = best == Form::kPortable || name_of(form).size() > name_of(best).size();
    if (routine.starts_with(name_of(form)) && longer) best = form;
  }
  return best;
}

TEST(VectorKernels, of_which_one_writes_a_wrong_bit_are_found) {
  for (const std::string_view routine : kRoutines) {
    DamagedChip chip(routine);
    const auto wrong = check_on(chip);
    ASSERT_TRUE(wrong) << routine;
    EXPECT_EQ(name_of(*wrong), name_of(form_of_routine(routine))) << routine;
  }
}

TEST(VectorKernels, compute_random_operations_as_the_portable_ones_do) {
  sim::VirtualChip chip;
  const sim::ExecuteOn here(chip);
  alignas(kAlignment) static std::byte memory[1 << 21];
  std::mt19937 random(1);
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    std::uint8_t bytes[24];
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const auto wrong = wrong_form(random_sample(bytes), seed, memory);
    ASSERT_EQ(wrong, std::nullopt) << name_of(*wrong) << ", seed " << seed;
  }
}

TEST(VectorKernels, saturate_sums_that_half_of_the_last_place_keeps_inside) {
  sim::VirtualChip chip;
  const sim::ExecuteOn here(chip);
  alignas(kAlignment) static std::byte memory[kSelfCheckBytes];
  const Sample sample{.depthwise = true,
                      .saturates = true,
                      .side = 2,
                      .in_width = 21,
                      .in_channels = 1,
                      .out_channels = 1,
                      .shift = 13,
                      .in_range = {0, 70}};
  for (std::uint32_t seed = 1; seed <= 10'000; ++seed)
    ASSERT_EQ(wrong_form(sample, seed, memory), std::nullopt) << seed;
}

TEST(VectorKernels, are_at_most_8_KB_of_internal_RAM) {
  std::set<std::string> names;
  std::uint32_t bytes = 0;
  for (const auto& function : sim::vector_kernels().functions()) {
    EXPECT_EQ(function.section, ".iram1." + function.name);
    names.insert(function.name);
    bytes += function.bytes;
  }
  EXPECT_EQ(names, std::set<std::string>(std::begin(kRoutines), std::end(kRoutines)));
  EXPECT_LE(bytes, 8 * 1024u);
  EXPECT_GT(bytes, 1024u);
}

}  // namespace
}  // namespace mudra::device::s3
