// What has been measured on chips (docs/virtual_chip.md), through text, memory and registers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/s3/run_kernel.hpp"

namespace mudra::s3 {
namespace {

using testing::Each;
using testing::ElementsAre;

// 20-bit lanes of QACC as ee.ld.qacc_x takes them: 16 and 16 bytes, 4 and 4.
std::vector<std::uint8_t> images_of(const std::vector<std::int32_t>& lanes) {
  std::array<std::uint8_t, 40> all{};
  for (std::size_t i = 0; i < lanes.size(); ++i)
    for (std::size_t bit = 0; bit < 20; ++bit)
      if ((lanes[i] >> bit & 1) != 0)
        all[(20 * i + bit) / 8] |= static_cast<std::uint8_t>(1u << (20 * i + bit) % 8);
  std::vector<std::uint8_t> out(all.begin(), all.begin() + 16);
  out.insert(out.end(), all.begin() + 20, all.begin() + 36);
  out.insert(out.end(), all.begin() + 16, all.begin() + 20);
  out.insert(out.end(), all.begin() + 36, all.end());
  return out;
}
constexpr const char* kLoadQacc =
    "ee.ld.qacc_l.l.128.ip a2, 16; ee.ld.qacc_h.l.128.ip a2, 16\n"
    "ee.ld.qacc_l.h.32.ip a2, 4; ee.ld.qacc_h.h.32.ip a2, 4\n";

TEST(KnownValues, saturating_sums_reach_the_true_minimum) {
  std::vector<std::int8_t> input(32);
  input[0] = -1, input[16] = -127;
  input[1] = -128, input[17] = -1;
  input[2] = 120, input[18] = 20;
  const Ran ran = run_body(
      "ee.vld.128.ip q0, a2, 16; ee.vld.128.ip q1, a2, 16; ee.vadds.s8 q2, q0, q1; ee.vst.128.ip q2, a3, 0",
      input);
  EXPECT_THAT(values<std::int8_t>(ran, 3), ElementsAre(-128, -128, 127));
}

TEST(KnownValues, unsigned_lanes_saturate_at_all_ones) {
  const Ran ran = run_body(
      "ee.vldbc.8 q0, a2; movi a5, 17; ee.zero.qacc; loop a5, 1f; ee.vmulas.u8.qacc q0, q0\n"
      "1: ee.st.qacc_l.l.128.ip a3, 16; ee.st.qacc_h.l.128.ip a3, 16\n"
      "ee.st.qacc_l.h.32.ip a3, 4; ee.st.qacc_h.h.32.ip a3, 4",
      std::vector<std::uint8_t>{255});
  EXPECT_THAT(values<std::uint8_t>(ran, 40), Each(255));
}

TEST(KnownValues, signed_lanes_saturate_and_are_shifted_down) {
  for (const char* times : {"40", "32"}) {
    const Ran ran =
        run_body(fmt::format("ee.vldbc.8 q0, a2; movi a5, {}; movi a6, 13; ee.zero.qacc; loop a5, 1f\n"
                             "ee.vmulas.s8.qacc q0, q0\n"
                             "1: ee.st.qacc_l.l.128.ip a3, 16; ee.srcmb.s8.qacc q1, a6, 0\n"
                             "ee.vst.128.ip q1, a3, 0",
                             times),
                 std::vector<std::uint8_t>{127});
    const auto bytes = values<std::uint8_t>(ran, 32);
    const int lane = bytes[0] | bytes[1] << 8 | (bytes[2] & 15) << 16;
    EXPECT_EQ(lane, times == std::string_view("40") ? 524287 : 32 * 127 * 127);
    EXPECT_THAT(std::vector(bytes.begin() + 16, bytes.end()), Each(63));
  }
}

TEST(KnownValues, shifts_round_down_and_saturate_to_8_bits) {
  const std::string body = std::string(kLoadQacc) + "ee.srcmb.s8.qacc q0, a4, 0; ee.vst.128.ip q0, a3, 0";
  EXPECT_THAT(values<std::int8_t>(run_body(body, images_of({3, -3, 5, -5, 1, -1, 7, -7}), {1}), 8),
              ElementsAre(1, -2, 2, -3, 0, -1, 3, -4));
  EXPECT_THAT(
      values<std::int8_t>(run_body(body, images_of({300, -300, 200'000, -200'000, 128, -129}), {0}), 6),
      ElementsAre(127, -128, 127, -128, 127, -128));
}

TEST(KnownValues, accx_is_shifted_down_and_saturates_to_32_bits) {
  const auto shifted = [](std::int64_t accx, std::uint32_t by) {
    return static_cast<std::int32_t>(
        run_body<std::int64_t>("ee.ld.accx.ip a2, 8; ee.srs.accx a2, a4, 0", {accx}, {by}).a2);
  };
  EXPECT_EQ(shifted((std::int64_t{1} << 38) + 12345, 0), 2147483647);
  EXPECT_EQ(shifted((std::int64_t{1} << 38) + 12345, 8), 1073741872);
  EXPECT_EQ(shifted(-((std::int64_t{1} << 38) + 999), 5), -2147483648);
}

TEST(KnownValues, a_complex_product_may_lie_over_its_factor) {
  const std::vector<std::int16_t> input = {2, 3, 4, 5, 6, 7, 8, 9, 7, 11, 13, 17, 19, 23, 29, 31};
  const Ran ran = run_body(
      "ee.vld.128.ip q0, a2, 16; ee.vld.128.ip q1, a2, 16; ssai 0; ee.cmul.s16 q0, q0, q1, 0\n"
      "ee.vst.128.ip q0, a3, 0",
      input);
  EXPECT_THAT(values<std::int16_t>(ran, 8), ElementsAre(-19, 43, -33, 133, 6, 7, 8, 9));
}

TEST(KnownValues, accx_saturates_at_40_bits) {
  const Ran ran = run_body<std::int16_t>(
      "ee.vldbc.16 q0, a2; movi a5, 200; ee.zero.accx; loop a5, 1f; ee.vmulas.s16.accx q0, q0\n"
      "1: ee.st.accx.ip a3, 8",
      {32000});
  EXPECT_EQ(values<std::int64_t>(ran, 1)[0], 549'755'813'887);
}

// The specification's way to 16 bytes at any address.
TEST(KnownValues, unaligned_vectors_are_put_together_from_two) {
  std::vector<std::uint8_t> input(48);
  for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<std::uint8_t>(i);
  for (std::uint32_t offset = 0; offset < 16; ++offset) {
    const Ran ran = run_body(
        "add a2, a2, a4; ee.ld.128.usar.ip q0, a2, 16; ee.ld.128.usar.ip q1, a2, 16; nop\n"
        "ee.src.q q2, q0, q1; ee.vst.128.ip q2, a3, 0",
        input, {offset});
    EXPECT_EQ(values<std::uint8_t>(ran, 16),
              std::vector(input.begin() + offset, input.begin() + offset + 16));
  }
}

// Rounding half up in three instructions, exact for every sum: floor of half the floor, plus one.
TEST(KnownValues, the_exact_rounding_is_half_up_for_all_sums_and_shifts) {
  const std::vector<std::int32_t> sums = {-524288, -524287, -129, -128, -97, -3,  -2,     -1,
                                          0,       1,       2,    3,    96,  127, 524286, 524287};
  auto input = images_of(sums);
  input.resize(48);
  input.resize(64, 1);
  for (std::uint32_t shift = 1; shift < 17; ++shift) {
    const Ran ran =
        run_body(std::string(kLoadQacc) +
                     "addi a2, a2, 8; ee.vld.128.ip q5, a2, 0; movi a5, 1\n"
                     "ee.srcmb.s8.qacc q0, a4, 0; ee.vmulas.s8.qacc q5, q5; ee.srcmb.s8.qacc q0, a5, 0\n"
                     "ee.vst.128.ip q0, a3, 0",
                 input, {shift - 1});
    std::vector<std::int8_t> expected;
    for (const std::int64_t sum : sums)
      expected.push_back(static_cast<std::int8_t>(
          std::clamp<std::int64_t>((sum + (std::int64_t{1} << (shift - 1))) >> shift, -128, 127)));
    EXPECT_EQ(values<std::int8_t>(ran, 16), expected) << shift;
  }
}

}  // namespace
}  // namespace mudra::s3
