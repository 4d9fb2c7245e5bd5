// The syntax that is taken, and every refusal with its line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mudra/s3/expression.hpp"
#include "tests/refusal.hpp"
#include "tests/s3/run_kernel.hpp"

namespace mudra::s3 {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string why_text(const std::string& text) {
  return refusal([&] { (void)assemble(text, "test.S"); });
}
std::string why_body(const std::string& body) { return why_text(kernel_text(body)); }

TEST(Assembler, gives_functions_by_name_with_section_and_bytes) {
  const Program program = assemble(R"(
/* two
   lines; nop */
    .section .dram1, "aw"
    .word 1, 2*3, -4
    .section .iram1, "ax"
    .global f, g           // both
    .type f, @function
    .align 4
f:  ENTRY sp, 2*16         # a comment; nop
    movi.n a5, - 3 ; MOV a4, a5
.Lend: _nop
    retw.n
    .size f, .-f
    .text
    .balign 16
g:
h:  entry a1, 16; ee.vmulas.s8.qacc.ld.ip q0, a2, 0x10, q1, q2; retw
)",
                                   "test.S");
  ASSERT_EQ(program.functions().size(), 2u);
  const Function& f = program.function("f");
  EXPECT_EQ(f.section, ".iram1");
  EXPECT_EQ(f.bytes, 3u + 2 + 3 + 3 + 2);
  EXPECT_EQ(f.end - f.begin, 5u);
  EXPECT_EQ(program.function("h").section, ".text");
  EXPECT_EQ(program.function("h").bytes, 10u);
  EXPECT_EQ(refusal([&] { (void)program.function("g2"); }), "no function 'g2' among the 2 assembled");
}

TEST(Assembler, finds_numeric_labels_in_both_directions) {
  EXPECT_EQ(run_body("movi a2, 3; j 1f; 1: addi a2, a2, 4; 2: addi a2, a2, 1; bbci a2, 4, 2b; j 1f\n"
                     "addi a2, a2, 100; 1: addi a2, a2, 32")
                .a2,
            48u);
}

TEST(Expression, has_the_precedence_of_gnu_as) {
  EXPECT_EQ(constant("2*3+1"), 7);
  EXPECT_EQ(constant(" 2 * ( 3 + 1 ) "), 8);
  EXPECT_EQ(constant("1<<4 - 1"), 15);  // shifts bind closer than sums
  EXPECT_EQ(constant("1 + 6 & 4"), 5);  // and `&` too
  EXPECT_EQ(constant("4 & 2 << 1 | 1"), 5);
  EXPECT_EQ(constant("-(0x10) % 5"), -1);
  EXPECT_EQ(constant("~0 ^ 0b101"), -6);
  EXPECT_EQ(constant("017 - - 1"), 16);
  EXPECT_EQ(constant("-1 >> (70/10)"), -1);
  for (const char* bad : {"", "1 2", "a", "1 +", "(1", "1)", "0x", "09", "1 = 1", "--"})
    EXPECT_THAT(refusal([&] { (void)constant(bad); }), HasSubstr("is not a constant expression")) << bad;
  EXPECT_THAT(refusal([] { (void)constant("7 / (3-3)"); }), HasSubstr("divides by zero"));
  EXPECT_THAT(refusal([] { (void)constant("1 << 64"); }), HasSubstr("shifts by 64"));
  for (const char* big : {"9223372036854775808", "9223372036854775807 + 1", "1 << 63", "3 << 62",
                          "-9223372036854775807 - 2", "(-9223372036854775807 - 1) / -1"})
    EXPECT_THAT(refusal([&] { (void)constant(big); }), HasSubstr("leaves 64 bits")) << big;
  EXPECT_THAT(refusal([] { (void)constant(std::string(1000, '(')); }), HasSubstr("nested"));
  EXPECT_THAT(refusal([] { (void)constant(std::string(1000, '-')); }), HasSubstr("nested"));
}

TEST(Assembler, names_line_and_instruction) {
  EXPECT_EQ(why_text(".align 4\nf: entry a1, 32\n\n  nop; l32i a2, a3, 1024 // far\n retw"),
            "test.S:4: l32i a2, a3, 1024: 1024 is not in 0 to 1020 in steps of 4");
  EXPECT_THAT(why_text("# 7 \"other.S\"\nnop"), StartsWith("other.S:7: nop: "));
  EXPECT_THAT(why_text("# line 7 \"other.S\" 2\n\nnop"), StartsWith("other.S:8: nop: "));
}

// Immediates: the ends of the range are taken, one step beyond is not, nor anything between steps.
TEST(Assembler, takes_the_immediates_of_the_tables_only) {
  struct Range {
    const char* form;
    int low, high, step;
  };
  for (const Range& range : std::vector<Range>{
           {"ee.vld.128.ip q0, a2, {}", -2048, 2032, 16},
           {"ee.vst.128.ip q0, a2, {}", -2048, 2032, 16},
           {"ee.ldqa.s8.128.ip a2, {}", -2048, 2032, 16},
           {"ee.ldqa.u16.128.ip a2, {}", -2048, 2032, 16},
           {"ee.ld.qacc_l.l.128.ip a2, {}", -2048, 2032, 16},
           {"ee.st.qacc_h.l.128.ip a2, {}", -2048, 2032, 16},
           {"ee.ld.128.usar.ip q0, a2, {}", -2048, 2032, 16},
           {"ee.src.q.ld.ip q0, a2, {}, q1, q2", -2048, 2032, 16},
           {"ee.vmulas.s8.qacc.ld.ip q0, a2, {}, q1, q2", -512, 496, 16},
           {"ee.vmulas.u16.accx.ld.ip q0, a2, {}, q1, q2", -512, 496, 16},
           {"ee.vmulas.s8.qacc.ld.ip.qup q0, a2, {}, q1, q2, q3, q4", -512, 496, 16},
           {"ee.vld.l.64.ip q0, a2, {}", -1024, 1016, 8},
           {"ee.vst.h.64.ip q0, a2, {}", -1024, 1016, 8},
           {"ee.ld.accx.ip a2, {}", -1024, 1016, 8},
           {"ee.st.accx.ip a2, {}", -1024, 1016, 8},
           {"ee.ld.qacc_l.h.32.ip a2, {}", -512, 508, 4},
           {"ee.st.qacc_h.h.32.ip a2, {}", -512, 508, 4},
           {"ee.vldbc.8.ip q0, a2, {}", 0, 127, 1},
           {"ee.vldbc.16.ip q0, a2, {}", 0, 254, 2},
           {"ee.vldbc.32.ip q0, a2, {}", -512, 508, 4},
           {"ld.qr q0, a2, {}", -128, 112, 16},
           {"st.qr q0, a2, {}", -128, 112, 16},
           {"ee.vsmulas.s8.qacc q0, q1, {}", 0, 15, 1},
           {"ee.vsmulas.s16.qacc q0, q1, {}", 0, 7, 1},
           {"ee.vsmulas.s8.qacc.ld.incp q0, a2, q0, q1, {}", 0, 15, 1},
           {"ee.movi.32.a q0, a2, {}", 0, 3, 1},
           {"ee.slci.2q q0, q1, {}", 0, 15, 1},
           {"movi a2, {}", -2048, 2047, 1},
           {"movi.n a2, {}", -32, 95, 1},
           {"addi a2, a3, {}", -128, 127, 1},
           {"addmi a2, a3, {}", -32768, 32512, 256},
           {"slli a2, a3, {}", 1, 31, 1},
           {"srli a2, a3, {}", 0, 15, 1},
           {"srai a2, a3, {}", 0, 31, 1},
           {"sext a2, a3, {}", 7, 22, 1},
           {"clamps a2, a3, {}", 7, 22, 1},
           {"extui a2, a3, {}, 1", 0, 31, 1},
           {"extui a2, a3, 0, {}", 1, 16, 1},
           {"ssai {}", 0, 31, 1},
           {"l8ui a2, a3, {}", 0, 255, 1},
           {"l16si a2, a3, {}", 0, 510, 2},
           {"s32i a2, a3, {}", 0, 1020, 4},
           {"l32i.n a2, a3, {}", 0, 60, 4},
       }) {
    const auto with = [&](int value) { return why_body(fmt::format(fmt::runtime(range.form), value)); };
    EXPECT_EQ(with(range.low), "") << range.form;
    EXPECT_EQ(with(range.high), "") << range.form;
    EXPECT_THAT(with(range.low - range.step), HasSubstr(" is not in ")) << range.form;
    EXPECT_THAT(with(range.high + range.step), HasSubstr(" is not in ")) << range.form;
    if (range.step > 1) {
      EXPECT_THAT(with(range.low + range.step / 2), HasSubstr("in steps of")) << range.form;
    }
  }
  for (const char* body :
       {"addi.n a2, a3, 0", "beqi a2, 9, 1f; 1: nop", "bltui a2, 1, 1f; 1: nop", "bgei a2, 0, 1f; 1: nop"})
    EXPECT_THAT(why_body(body), HasSubstr("cannot be encoded"));
}

TEST(Assembler, refuses_what_the_specification_does_not_allow) {
  struct Wrong {
    const char *body, *reason;
  };
  for (const Wrong& wrong : std::vector<Wrong>{
           {"ee.vmull.s8 q0, q1, q2", "an unknown instruction"},
           {"ee.vadds.u8 q0, q1, q2", "an unknown instruction"},
           {"ee.vsmulas.u8.qacc q0, q1, 2", "an unknown instruction"},
           {"__nop", "an unknown instruction"},
           {"l32r a2, 1f; 1: nop", "not supported: literals"},
           {"call8 f", "not supported: a kernel calls nothing"},
           {"jx a2", "not supported: only jumps to labels"},
           {"ret", "not supported: functions end with retw"},
           {"ee.fft.ams.s16.ld.incp q0, a2, q1, q2, q3, q4, 0", "not supported: the FFT"},
           {"ee.ldf.64.ip f0, f1, a2, 8", "not supported: there are no float"},
           {"add a2, a3", "2 operands, not 3"},
           {"nop a2", "1 operands, not 0"},
           {"add a2, a3, a16", "'a16' is none of a0-a15 and sp"},
           {"add a2, a3, a01", "'a01' is none of a0-a15 and sp"},
           {"add a2, a3, q1", "'q1' is none of a0-a15 and sp"},
           {"add A2, a3, a4", "'A2' is none of a0-a15 and sp"},
           {"add a2, a3, as", "'as' is none of a0-a15 and sp"},
           {"ee.zero.q q8", "'q8' is none of q0-q7"},
           {"ee.zero.q a0", "'a0' is none of q0-q7"},
           {"ee.zero.q qx", "'qx' is none of q0-q7"},
           {"movi a2, 4096", "4096 is not in -2048 to 2047"},
           {"movi a2, x", "is not a constant expression"},
           {"ee.srcmb.s8.qacc q0, a2, 1", "1 instead of 0: its meaning is not known (?)"},
           {"ee.srs.accx a3, a2, 1", "1 instead of 0: its meaning is not known (?)"},
           {"ee.cmul.s16 q0, q1, q2, 1", "1 instead of 0: its meaning is not known (?)"},
           {"ee.vmax.s8.ld.incp q1, a2, q1, q3, q4", "two results in q1"},
           {"ee.vmul.s16.ld.incp q1, a2, q1, q3, q4", "two results in q1"},
           {"ee.vmulas.s8.qacc.ld.ip.qup q3, a2, 16, q1, q2, q3, q4", "two results in q3"},
           {"ee.vmulas.s8.qacc.ld.ip.qup q4, a2, 16, q1, q2, q3, q4", "which comes first is not known (?)"},
           {"ee.vmulas.s8.accx.ld.xp.qup q4, a2, a3, q1, q2, q3, q4", "which comes first is not known (?)"},
           {"ee.vmulas.s16.qacc.ldbc.incp.qup q4, a2, q1, q2, q3, q4", "which comes first is not known (?)"},
           {"ee.src.q.qup q1, q1, q2", "two results in q1"},
           {"ee.src.q.ld.ip q1, a2, 16, q1, q2", "two results in q1"},
           {"ee.vzip.8 q1, q1", "two results in q1"},
           {"ee.slci.2q q1, q1, 3", "two results in q1"},
           {"ee.vldhbc.16.incp q1, q1, a2", "two results in q1"},
           {"addi a1, a1, -16", "writes a1"},
           {"ee.vld.128.ip q0, sp, 16", "writes a1"},
           {"retw; entry a1, 32", "entry without a label"},
           {"retw; g: entry a1, 32", "may not be aligned"},
           {"j f", "'f' is not within function 'f'"},
           {"j 1f", "no label '1f'"},
           {"j 1b", "no label '1b'"},
           {"j nowhere", "no label 'nowhere'"},
           {"1x: nop", "begins with a digit"},
           {"x: nop; x: nop", "'x' is there twice"},
           {".word 5", "data within code"},
           {".align 3", "not a power of two"},
           {".balign -4", "not a power of two"},
           {".align", "0 operands"},
           {".incbin \"x\"", "an unknown directive"},
           {".section 5x", "cannot name a section"},
           {".section .x, ax", "flags stand in quotes"},
           {".global 5", "cannot be a symbol"},
           {"loop a2, 1f; 1: nop", "a loop without a body"},
           {"1: nop; loop a2, 1b", "a loop without a body"},
           {"loop a2, 2f; nop; loop a2, 1f; nop; 1: nop; 2: nop", "a loop within a loop"},
           {"loop a2, 1f; nop; beqz a3, 1f; 1: nop", "the body ends with beqz a3, 1f"},
           {"loop a2, 1f; nop; j 1f; 1: nop", "the body ends with j 1f"},
           {"loop a2, 1f; nop; retw; 1: nop", "the body ends with retw"},
       })
    EXPECT_THAT(why_body(wrong.body), HasSubstr(wrong.reason)) << wrong.body;

  EXPECT_THAT(why_text("f: entry a1, 32\nretw"), HasSubstr("write .align 4 before the label"));
  EXPECT_THAT(why_text(".align 2\nf: entry a1, 32\nretw"), HasSubstr("write .align 4 before the label"));
  EXPECT_THAT(why_text(".align 4\nf: entry a2, 32\nretw"), HasSubstr("the stack pointer is a1"));
  EXPECT_THAT(why_text(".align 4\nf: entry a1, 24\nretw"),
              HasSubstr("24 is not in 16 to 32752 in steps of 16"));
  EXPECT_THAT(why_text(".align 4\nf: entry a1, 32\nnop"), HasSubstr("function 'f' can run past its end"));
  EXPECT_THAT(why_text(".align 4\nf: entry a1, 32\nbeqz a2, f"),
              HasSubstr("function 'f' can run past its end"));
  EXPECT_THAT(why_text("nop"), HasSubstr("outside of a function"));
  EXPECT_THAT(why_text(kernel_text("nop") + ".text\nnop"), HasSubstr("outside of a function"));
  EXPECT_THAT(why_text(".data\n.align 4\nf: entry a1, 32"), HasSubstr("section .data, which holds data"));
  EXPECT_THAT(why_text(".align 4\n.align 4\ng: entry a1, 32\n.Lx: j .Lx\n.align 4\nh: entry a1, 32\nj .Lx"),
              HasSubstr("'.Lx' is not within function 'h'"));
  EXPECT_THAT(why_text("/* open"), HasSubstr("a comment that never ends"));
  const std::string twice = kernel_text("nop");
  EXPECT_THAT(refusal([&] {
                (void)assemble(std::array{AssemblyText{"a.S", twice}, AssemblyText{"b.S", twice}});
              }),
              testing::AllOf(StartsWith("b.S:3: "), HasSubstr("function 'f' is there twice")));
}

// 3 bytes an instruction, 4 for long ones, 2 for those in .n.
TEST(Assembler, refuses_loop_bodies_over_256_bytes) {
  const auto with = [](int of3, int of4, int of2) {
    std::string body = "loop a2, 1f\n";
    for (int i = 0; i < of4; ++i) body += "ee.vsmulas.s8.qacc.ld.incp q0, a3, q0, q1, 3\n";
    for (int i = 0; i < of3; ++i) body += "nop\n";
    for (int i = 0; i < of2; ++i) body += "nop.n\n";
    return why_body(body + "1:");
  };
  EXPECT_EQ(with(0, 64, 0), "");
  EXPECT_EQ(with(84, 1, 0), "");
  EXPECT_EQ(with(0, 63, 2), "");
  EXPECT_THAT(with(0, 65, 0), HasSubstr("a loop body of 260 bytes; 256 are possible"));
  EXPECT_THAT(with(83, 2, 0), HasSubstr("a loop body of 257 bytes"));
  EXPECT_THAT(with(0, 64, 1), HasSubstr("a loop body of 258 bytes"));
}

TEST(Assembler, refuses_branches_that_are_too_far) {
  const auto with = [](const char* branch, int nops) {
    std::string body = branch;
    for (int i = 0; i < nops; ++i) body += "\nnop";
    return why_body(body + "\n1:");
  };
  EXPECT_EQ(with("beqi a2, 1, 1f", 42), "");
  EXPECT_THAT(with("beqi a2, 1, 1f", 43), HasSubstr("'1f' is 132 bytes away; -124 to 131 are possible"));
  EXPECT_EQ(with("beqz a2, 1f", 682), "");
  EXPECT_THAT(with("beqz a2, 1f", 683), HasSubstr("-2044 to 2051 are possible"));
  EXPECT_EQ(with("j 1f", 1000), "");
}

// Sizes in the specification's tables.
TEST(Assembler, knows_which_instructions_are_long) {
  const auto bytes = [](const char* name) { return find_mnemonic(name)->bytes; };
  for (const char* name : {"ee.ldxq.32", "ee.stxq.32", "ee.src.q.ld.ip", "ee.vmulas.s8.qacc.ld.xp",
                           "ee.vmulas.u16.accx.ld.ip", "ee.vmulas.s8.qacc.ldbc.incp.qup",
                           "ee.vsmulas.s16.qacc.ld.incp", "ee.vadds.s32.ld.incp", "ee.vmul.u8.st.incp"})
    EXPECT_EQ(bytes(name), 4) << name;
  for (const char* name : {"ee.vmulas.s8.qacc.ldbc.incp", "ee.srcq.128.st.incp", "ee.vldhbc.16.incp", "ld.qr",
                           "ee.vld.128.ip", "ee.vmulas.s8.accx", "ee.vsmulas.s8.qacc"})
    EXPECT_EQ(bytes(name), 3) << name;
}

}  // namespace
}  // namespace mudra::s3
