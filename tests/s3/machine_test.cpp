// Running: memory and its ends, registers never written, loops, the calling convention, counts and bubbles.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/refusal.hpp"
#include "tests/s3/run_kernel.hpp"

namespace mudra::s3 {
namespace {

using testing::HasSubstr;

std::string why(std::string_view body, const std::vector<std::uint32_t>& more = {}) {
  return refusal([&] { (void)run_body<std::uint8_t>(body, {}, more); });
}

// ---- memory

TEST(Memory, gives_addresses_that_keep_the_low_bits_and_never_touch) {
  Block block;
  Memory memory;
  const std::uint32_t all = memory.map(std::span(block.bytes), "all");
  const std::uint32_t part = memory.map(std::span(block.bytes).subspan(5, 10), "part");
  EXPECT_EQ(all % 16, 0u);
  EXPECT_EQ(part % 16, 5u);
  EXPECT_GT(part, all + 256 + 2032);
  EXPECT_EQ(memory.address_of(&block.bytes[7]), all + 7);
  EXPECT_EQ(memory.address_of(block.bytes.data() + 256), all + 256);
  EXPECT_THAT(refusal([&] { (void)memory.address_of(&memory); }), HasSubstr("into none of the 2 regions"));
  memory.clear();
  EXPECT_THAT(refusal([&] { (void)memory.address_of(&block); }), HasSubstr("into none of the 0 regions"));
  EXPECT_EQ(memory.map(std::span(block.bytes), "again"), all);
}

TEST(Machine, refuses_accesses_outside_of_what_is_mapped) {
  EXPECT_EQ(why("movi a4, 240; add a4, a2, a4; ee.vld.128.ip q0, a4, 16"), "");
  EXPECT_THAT(why("addmi a4, a2, 256; ee.vld.128.ip q0, a4, 16"),
              testing::MatchesRegex(
                  "test.S:4: f: ee.vld.128.ip q0, a4, 16: reads 16 bytes at 0x[0-9a-f]+, outside of "
                  "every region; the nearest is 'in', 0x[0-9a-f]+ to 0x[0-9a-f]+"));
  EXPECT_THAT(why("ee.zero.q q0; addi a3, a3, -16; ee.vst.128.ip q0, a3, 16"),
              HasSubstr("writes 16 bytes at 0x"));
  EXPECT_THAT(why("movi a4, 0; l8ui a4, a4, 0"), HasSubstr("reads 1 bytes at 0x00000000, outside"));
  EXPECT_THAT(why("movi a4, -1; l8ui a4, a4, 0"), HasSubstr("reads 1 bytes at 0xffffffff, outside"));
  EXPECT_THAT(why("l32i a4, a2, 4; s32i a4, a2, 8"),
              HasSubstr("writes 4 bytes at 0x3fc88008, byte 8 of 'in', which it may not"));
  EXPECT_THAT(refusal([] {
                (void)Machine().run(assemble(kernel_text("movi a2, 0; l8ui a2, a2, 0"), "x"), "f", {}, {});
              }),
              HasSubstr("outside of every region; the nearest is 'the stack frame'"));
}

TEST(Machine, refuses_misaligned_accesses) {
  struct Access {
    const char* body;
    int width;
  };
  for (const Access& access : std::vector<Access>{{"ee.vld.128.ip q0, a4, 16", 16},
                                                  {"ee.zero.q q0; ee.vst.128.xp q0, a4, a2", 16},
                                                  {"ld.qr q0, a4, 16", 16},
                                                  {"ee.ldqa.s8.128.ip a4, 16", 16},
                                                  {"ee.ld.qacc_l.l.128.ip a4, 16", 16},
                                                  {"ee.zero.q q0; ee.vmax.s8.ld.incp q1, a4, q2, q0, q0", 16},
                                                  {"ee.zero.q q0; ee.zero.qacc\n"
                                                   "ee.vsmulas.s8.qacc.ld.incp q1, a4, q0, q0, 0",
                                                   16},
                                                  {"ee.vld.l.64.ip q0, a4, 8", 8},
                                                  {"ee.ld.accx.ip a4, 8", 8},
                                                  {"ee.ld.qacc_l.h.32.ip a4, 4", 4},
                                                  {"ee.vldbc.32 q0, a4", 4},
                                                  {"l32i a5, a4, 4", 4},
                                                  {"ee.vldbc.16.ip q0, a4, 2", 2},
                                                  {"l16ui a5, a4, 2", 2}}) {
    for (int offset = 1; offset < access.width; offset *= 2)
      EXPECT_THAT(
          why(fmt::format("addi a4, a3, {}; {}", offset, access.body)),
          HasSubstr(fmt::format("is not a multiple of {}: the chip would silently take 0x", access.width)))
          << access.body;
    EXPECT_EQ(why(fmt::format("addi a4, a3, {}; {}", access.width, access.body)), "");
  }
  // Taking the 16 bytes around any address is what these are for.
  EXPECT_EQ(why("addi a2, a2, 5; ee.ld.128.usar.ip q0, a2, 16; ee.ld.128.usar.ip q1, a2, 16\n"
                "ee.src.q.ld.ip q2, a2, 16, q0, q1"),
            "");
}

// ---- registers never written

TEST(Machine, refuses_the_use_of_what_was_never_written) {
  struct Use {
    const char *body, *name;
  };
  for (const Use& use : std::vector<Use>{
           {"mov a5, a4", "a4"},
           {"add a15, a2, a15", "a15"},
           {"l32i a5, a9, 0", "a9"},
           {"mv.qr q0, q1", "q1"},
           {"ee.vst.128.ip q3, a3, 0", "q3"},
           {"ee.vld.l.64.ip q3, a2, 8; ee.vst.h.64.ip q3, a3, 8", "q3"},
           {"ee.vld.l.64.ip q3, a2, 8; ee.vst.128.ip q3, a3, 16", "q3"},
           {"ee.movi.32.q q3, a2, 1; ee.movi.32.a q3, a5, 2", "q3"},
           {"ee.zero.q q0; ee.vmulas.s8.qacc q0, q0", "QACC_L"},
           {"ee.zero.q q0; ee.vmulas.s16.accx q0, q0", "ACCX"},
           {"movi a5, 1; ee.srcmb.s8.qacc q0, a5, 0", "QACC_L"},
           {"ee.ld.qacc_l.l.128.ip a2, 16; ee.ld.qacc_h.l.128.ip a2, 16; ee.ld.qacc_l.h.32.ip a2, 4\n"
            "movi a5, 1; ee.srcmb.s8.qacc q0, a5, 0",
            "QACC_H"},
           {"wur.qacc_l_0 a2; rur.qacc_l_1 a5", "QACC_L"},
           {"wur.accx_0 a2; rur.accx_1 a5", "ACCX"},
           {"movi a5, 0; ee.srs.accx a5, a5, 0", "ACCX"},
           {"srl a5, a2", "SAR"},
           {"ee.zero.q q0; ee.vmul.s8 q0, q0, q0", "SAR"},
           {"ee.zero.q q0; ee.vsr.32 q0, q0", "SAR"},
           {"ee.zero.q q0; ee.zero.q q1; ee.src.q q2, q0, q1", "SAR_BYTE"},
           {"moveqz a5, a2, a2", "a5"},
       })
    EXPECT_THAT(why(use.body), testing::EndsWith(fmt::format(": uses {}, which was never written", use.name)))
        << use.body;
  EXPECT_EQ(why("ee.vld.l.64.ip q3, a2, 8; ee.vst.l.64.ip q3, a3, 8"), "");
  EXPECT_EQ(why("ee.movi.32.q q3, a2, 1; ee.movi.32.a q3, a5, 1"), "");
  EXPECT_EQ(why("wur.qacc_l_3 a2; rur.qacc_l_3 a5; wur.accx_1 a2; rur.accx_1 a5; wur.sar_byte a2"), "");
  EXPECT_EQ(why("mov a5, a4", {1}), "");
}

TEST(Machine, fills_registers_with_garbage_of_its_seed) {
  const Program program = assemble(kernel_text("nop"), "test.S");
  Machine one(1), same(1), other(2);
  for (Machine* machine : {&one, &same, &other}) (void)machine->run(program, "f", {}, {});
  EXPECT_EQ(one.state().a, same.state().a);
  EXPECT_EQ(one.state().q, same.state().q);
  EXPECT_NE(one.state().a[9], other.state().a[9]);
  EXPECT_NE(one.state().q[3], other.state().q[3]);
}

// ---- what the specification leaves open

TEST(Machine, refuses_what_the_chip_is_not_known_to_do) {
  EXPECT_THAT(why("ee.zero.qacc; movi a5, 20; ee.srcmb.s8.qacc q0, a5, 0"), HasSubstr("20 bits by 20: what"));
  EXPECT_EQ(why("ee.zero.qacc; movi a5, 39; ee.srcmb.s16.qacc q0, a5, 0"), "");
  EXPECT_THAT(why("ee.zero.qacc; movi a5, 40; ee.srcmb.s16.qacc q0, a5, 0"),
              HasSubstr("40 bits by 40: what"));
  EXPECT_THAT(why("ee.zero.accx; movi a5, -1; ee.srs.accx a5, a5, 0"), HasSubstr("40 bits by 4294967295"));
  EXPECT_THAT(why("ee.zero.q q0; movi a5, -1; ee.vrelu.s8 q0, a5, a5"), HasSubstr("whether it is signed"));
  EXPECT_THAT(why("ee.zero.q q0; movi a5, 32; ee.vprelu.s8 q0, q0, q0, a5"), HasSubstr("shifts by 32"));
  EXPECT_THAT(why("ee.zero.q q0; movi a5, 32; wsr.sar a5; ee.vsl.32 q0, q0"), HasSubstr("SAR = 32"));
  EXPECT_THAT(why("movi a5, 33; wsr.sar a5; sll a5, a5"), HasSubstr("undefined above 32"));
  EXPECT_THAT(why("ee.zero.q q1; ee.notq q1, q1; ee.zero.q q0; ee.ldxq.32 q0, q1, a2, 0, 0"),
              HasSubstr("index 0xffff: whether it is signed"));
  EXPECT_THAT(why("movi a5, 0; quou a5, a2, a5"), HasSubstr("divides by zero"));
}

// ---- flow

TEST(Machine, goes_through_loops_and_branches) {
  EXPECT_EQ(run_body("movi a2, 0; movi a5, 7; loop a5, 1f; movi a5, 99; addi a2, a2, 1; 1: nop").a2, 7u);
  EXPECT_EQ(run_body("movi a2, 0; movi a5, 0; loopnez a5, 1f; addi a2, a2, 1; nop; 1: nop").a2, 0u);
  EXPECT_EQ(run_body("movi a2, 0; movi a5, -3; loopgtz a5, 1f; addi a2, a2, 1; nop; 1: nop").a2, 0u);
  EXPECT_EQ(run_body("movi a2, 0; movi a5, 3; loopgtz a5, 1f; addi a2, a2, 1; nop; 1: nop").a2, 3u);
  EXPECT_THAT(why("movi a5, 0; loop a5, 1f; nop; 1: nop"), HasSubstr("loops 2^32 times"));
  // A branch to a nop before the end goes on with the next turn, one to the end leaves.
  EXPECT_EQ(
      run_body("movi a2, 0; movi a5, 4; loop a5, 2f; bbsi a2, 0, 1f; addi a2, a2, 1; 1: nop; 2: nop").a2, 1u);
  EXPECT_EQ(run_body("movi a2, 0; movi a5, 9; loop a5, 1f; addi a2, a2, 1; beqi a2, 3, 1f; nop; 1: nop").a2,
            3u);
  // An outer loop by hand.
  EXPECT_EQ(
      run_body("movi a2, 0; movi a6, 3; 1: movi a5, 4; loop a5, 2f; addi a2, a2, 1; 2: addi a6, a6, -1\n"
               "bnez a6, 1b")
          .a2,
      12u);
}

TEST(Machine, takes_exactly_the_branches_whose_condition_holds) {
  struct Branch {
    const char* text;
    bool (*holds)(std::uint32_t x, std::uint32_t y);
  };
  using Word = std::uint32_t;
  for (const Branch& branch : std::vector<Branch>{
           {"beqz a4, 1f", [](Word x, Word) { return x == 0; }},
           {"bnez a4, 1f", [](Word x, Word) { return x != 0; }},
           {"bltz a4, 1f", [](Word x, Word) { return x >= 0x80000000; }},
           {"bgez a4, 1f", [](Word x, Word) { return x < 0x80000000; }},
           {"beqi a4, -1, 1f", [](Word x, Word) { return x == 0xffffffff; }},
           {"bnei a4, 5, 1f", [](Word x, Word) { return x != 5; }},
           {"blti a4, -1, 1f", [](Word x, Word) { return static_cast<std::int32_t>(x) < -1; }},
           {"bgei a4, 5, 1f", [](Word x, Word) { return static_cast<std::int32_t>(x) >= 5; }},
           {"bltui a4, 5, 1f", [](Word x, Word) { return x < 5; }},
           {"bgeui a4, 32768, 1f", [](Word x, Word) { return x >= 32768; }},
           {"beq a4, a5, 1f", [](Word x, Word y) { return x == y; }},
           {"bne a4, a5, 1f", [](Word x, Word y) { return x != y; }},
           {"blt a4, a5, 1f",
            [](Word x, Word y) { return static_cast<std::int32_t>(x) < static_cast<std::int32_t>(y); }},
           {"bge a4, a5, 1f",
            [](Word x, Word y) { return static_cast<std::int32_t>(x) >= static_cast<std::int32_t>(y); }},
           {"bltu a4, a5, 1f", [](Word x, Word y) { return x < y; }},
           {"bgeu a4, a5, 1f", [](Word x, Word y) { return x >= y; }},
           {"bany a4, a5, 1f", [](Word x, Word y) { return (x & y) != 0; }},
           {"bnone a4, a5, 1f", [](Word x, Word y) { return (x & y) == 0; }},
           {"ball a4, a5, 1f", [](Word x, Word y) { return (x & y) == y; }},
           {"bnall a4, a5, 1f", [](Word x, Word y) { return (x & y) != y; }},
           {"bbc a4, a5, 1f", [](Word x, Word y) { return (x >> y % 32) % 2 == 0; }},
           {"bbs a4, a5, 1f", [](Word x, Word y) { return (x >> y % 32) % 2 == 1; }},
           {"bbci a4, 31, 1f", [](Word x, Word) { return x < 0x80000000; }},
           {"bbsi a4, 0, 1f", [](Word x, Word) { return x % 2 == 1; }},
       })
    for (const Word x :
         {0u, 1u, 4u, 5u, 6u, 32767u, 32768u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu})
      for (const Word y : {0u, 1u, 5u, 31u, 36u, 0x7fffffffu, 0x80000000u, 0xffffffffu})
        EXPECT_EQ(run_body(fmt::format("movi a2, 1; {}; movi a2, 0; 1: nop", branch.text),
                           std::vector<std::uint8_t>{}, {x, y})
                      .a2,
                  branch.holds(x, y) ? 1u : 0u)
            << branch.text << " " << x << " " << y;
}

TEST(Machine, stops_kernels_that_never_end) {
  const Program program = assemble(kernel_text("1: j 1b"), "test.S");
  EXPECT_THAT(refusal([&] { (void)Machine().run(program, "f", {}, {}, 1000); }),
              HasSubstr("still runs after the 1000 instructions allowed"));
  // And goes on with others, counting from nothing.
  Machine machine;
  (void)refusal([&] { (void)machine.run(program, "f", {}, {}, 1000); });
  EXPECT_EQ(machine.run(assemble(kernel_text("nop"), "test.S"), "f", {}, {}).instructions, 3u);
}

TEST(Machine, checks_the_calling_convention) {
  EXPECT_THAT(why("movi a0, 5"), HasSubstr("f: retw: a0, the return address, is not what it was"));
  EXPECT_EQ(why("mov a5, a0; movi a0, 5; mov a0, a5"), "");
  EXPECT_EQ(run_body("movi a5, 77; s32i a5, a1, 12; l32i a2, sp, 12").a2, 77u);
  // A frame of 32 bytes has 16 for the function.
  EXPECT_THAT(why("movi a5, 77; s32i a5, a1, 16"),
              HasSubstr("outside of every region; the nearest is 'the stack"));
  EXPECT_THAT(why("addi a5, a1, -16; l32i a5, a5, 0"),
              HasSubstr("outside of every region; the nearest is 'the stack"));
  const Program big = assemble(".align 4\nf: entry a1, 8192\nretw", "test.S");
  EXPECT_THAT(refusal([&] { (void)Machine().run(big, "f", {}, {}); }),
              HasSubstr("does not fit into a stack"));
  const std::array<std::uint32_t, 7> seven{};
  const Program program = assemble(kernel_text("nop"), "test.S");
  EXPECT_THAT(refusal([&] { (void)Machine().run(program, "f", {}, seven); }),
              HasSubstr("7 arguments; registers hold 6"));
}

// ---- counts

TEST(Counts, are_of_what_was_executed) {
  const Ran ran = run_body(
      "movi a5, 3; ee.zero.qacc; ee.zero.q q0; loop a5, 1f; ee.vmulas.s8.qacc q0, q0\n"
      "ee.vmulas.s16.qacc.ld.ip q1, a2, 0, q0, q0; 1: ee.vst.128.ip q0, a3, 0; j 2f; nop; 2: nop");
  const Counts& counts = ran.counts;
  EXPECT_EQ(counts.calls, 1u);
  EXPECT_EQ(counts.instructions, 1u + 4 + 6 + 3 + 1);
  EXPECT_EQ(counts.multiply_adds, 3u * (16 + 8));
  EXPECT_EQ(counts.byte_products, 3u);
  EXPECT_EQ(counts.vector_stores, 1u);
  EXPECT_EQ(counts.taken_branches, 2u);  // j and retw
  EXPECT_EQ(counts.by_kind[static_cast<std::size_t>(Kind::kMultiplyAdd)], 6u);
  EXPECT_EQ(counts.by_kind[static_cast<std::size_t>(Kind::kControl)], 4u);
  EXPECT_EQ(most_frequent(counts)[0].second, 3u);
  EXPECT_THAT(most_frequent(counts), testing::Contains(testing::Pair("ee.vmulas.s8.qacc", 3u)));
  EXPECT_THAT(most_frequent(counts), testing::Not(testing::Contains(testing::Pair("nop", 2u))));
  Counts twice;
  twice += counts;
  twice += counts;
  EXPECT_EQ(twice.instructions, 2 * counts.instructions);
  EXPECT_EQ(twice.calls, 2u);
  EXPECT_EQ(most_frequent(twice)[0].second, 6u);
}

TEST(Counts, estimate_cycles_with_their_uncertainty) {
  const Counts counts{.instructions = 1000,
                      .byte_products = 400,
                      .taken_branches = 10,
                      .vector_stores = 20,
                      .bubbles = 7,
                      .shifts_behind_products = 5,
                      .divisions = 1};
  const Cycles cycles = estimated_cycles(counts);
  EXPECT_DOUBLE_EQ(cycles.estimate, 1000 + 20 + 12 + 7 + 5 + 16);
  EXPECT_DOUBLE_EQ(cycles.low, 0.95 * 1060);
  EXPECT_DOUBLE_EQ(cycles.high, 1.25 * 1060);
  EXPECT_DOUBLE_EQ(cycles.half_rate, 1460);
}

// What the next instruction waits for, from section 8.1 of the specification.
TEST(Counts, see_a_bubble_where_a_late_result_is_used_at_once) {
  struct Pair {
    const char *before, *first, *second;
    std::uint64_t bubbles;
  };
  constexpr const char
      *kZeros = "ee.zero.q q0; ee.zero.q q1; ee.zero.qacc; ee.zero.accx; ssai 0; wur.sar_byte a2\n",
      *kNone = "";
  for (const Pair& pair : std::vector<Pair>{
           {kNone, "l32i a5, a2, 0", "add a6, a5, a2", 1},
           {kNone, "l32i a5, a2, 0", "add a6, a2, a2", 0},
           {kNone, "l32i a5, a2, 0; nop", "add a6, a5, a2", 0},
           {kNone, "add a5, a2, a2", "add a6, a5, a2", 0},
           {kNone, "mull a5, a2, a2", "mov a6, a5", 1},
           {kZeros, "ld.qr q0, a2, 0", "ee.andq q1, q0, q0", 1},
           {kZeros, "ee.andq q0, q1, q1", "ee.andq q1, q0, q0", 0},
           {kZeros, "ee.vld.128.ip q0, a2, 16", "ee.vld.128.ip q1, a2, 16", 0},
           {kZeros, "ee.vmul.s8 q0, q1, q1", "ee.vadds.s8 q1, q0, q0", 1},
           {kZeros, "ee.vadds.s8 q0, q1, q1", "ee.vadds.s8 q1, q0, q0", 0},
           {kZeros, "movi a5, 0; ee.vrelu.s8 q0, a5, a5", "ee.mov.s8.qacc q0", 1},
           {kZeros, "ee.ld.accx.ip a2, 8", "ee.st.accx.ip a3, 8", 1},
           {kZeros, "ee.ld.accx.ip a2, 8", "ee.vmulas.s8.accx q0, q1", 0},
           {kZeros, "ee.vmulas.s8.qacc q0, q1", "ee.vmulas.s8.qacc q0, q1", 0},
           {kZeros, "ee.ldqa.s8.128.ip a2, 0", "ee.vmulas.s8.qacc q0, q1", 0},
           {kZeros, "ee.zero.qacc", "ee.vmulas.s8.qacc q0, q1", 0},
           {kZeros, "ee.vsmulas.s8.qacc.ld.incp q0, a2, q0, q1, 3", "ee.vmulas.s8.qacc q0, q1", 1},
           {kZeros, "ee.vmulas.s8.qacc q0, q1", "ee.st.qacc_l.l.128.ip a3, 16", 1},
           {kZeros, "movi a5, 0; ee.vmulas.s8.accx q0, q1", "ee.srs.accx a6, a5, 0", 1},
           {kZeros, "ee.ld.qacc_l.l.128.ip a2, 16", "ee.ld.qacc_l.h.32.ip a2, 4", 1},
           {kZeros, "ee.ld.qacc_l.l.128.ip a2, 16", "ee.ld.qacc_h.l.128.ip a2, 16", 0},
           {kZeros, "ee.vld.l.64.ip q0, a2, 8", "ee.vld.h.64.ip q0, a2, 8", 1},
           {kZeros, "ee.vld.128.ip q0, a2, 16", "ee.vst.128.ip q0, a3, 16", 1},
           {kZeros, "ee.srcmb.s8.qacc q0, a4, 0", "ee.vst.128.ip q0, a3, 16", 0},
       })
    EXPECT_EQ(run_body<std::uint8_t>(fmt::format("{}{}; {}", pair.before, pair.first, pair.second), {}, {0})
                  .counts.bubbles,
              pair.bubbles)
        << pair.first << " | " << pair.second;
}

TEST(Counts, see_bubbles_across_the_back_edge_but_not_across_a_taken_branch) {
  const auto bubbles = [](const char* body) { return run_body(body).counts.bubbles; };
  // First and last of the body: two of three turns follow another; the first follows movi.
  EXPECT_EQ(bubbles("movi a6, 3; movi a5, 0; loop a6, 1f; mov a7, a5; nop; l32i a5, a2, 0; 1: nop"), 2u);
  // In the text the pair is a neighbour, at run time a branch lies between.
  EXPECT_EQ(bubbles("movi a5, 0; j 1f; l32i a5, a2, 0; 1: mov a6, a5"), 0u);
  EXPECT_EQ(bubbles("movi a6, 3; 1: l32i a5, a2, 0; mov a7, a5; addi a6, a6, -1; bnez a6, 1b"), 3u);
}

TEST(Counts, see_shifts_directly_behind_products) {
  const auto shifts = [](const char* body) {
    return run_body<std::uint8_t>(fmt::format("ee.zero.q q0; ee.zero.qacc; ee.zero.accx\n{}", body), {}, {3})
        .counts.shifts_behind_products;
  };
  EXPECT_EQ(shifts("ee.vmulas.s8.qacc q0, q0; ee.srcmb.s8.qacc q1, a4, 0"), 1u);
  EXPECT_EQ(shifts("ee.vmulas.s8.accx q0, q0; ee.srcmb.s16.qacc q1, a4, 0"), 1u);
  EXPECT_EQ(shifts("ee.vmulas.s8.qacc q0, q0; nop; ee.srcmb.s8.qacc q1, a4, 0"), 0u);
  EXPECT_EQ(shifts("ee.srcmb.s8.qacc q1, a4, 0; ee.srcmb.s8.qacc q1, a4, 0"), 0u);
  EXPECT_EQ(shifts("loop a4, 1f; ee.srcmb.s8.qacc q1, a4, 0; ee.vmulas.s8.qacc q0, q0; 1: nop"), 2u);
}

}  // namespace
}  // namespace mudra::s3
