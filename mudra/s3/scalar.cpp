// The base instructions of the LX7: 32-bit registers, branches, loops.
#include <algorithm>
#include <bit>
#include <limits>

#include "mudra/base/error.hpp"
#include "mudra/s3/forms.hpp"

namespace mudra::s3 {
namespace {

using Word = std::uint32_t;
using Signed = std::int32_t;
constexpr Signed s(Word value) { return static_cast<Signed>(value); }
constexpr Word u(Signed value) { return static_cast<Word>(value); }

constexpr std::int32_t kEqualTo[] = {-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};
constexpr std::int32_t kBelow[] = {32768, 65536, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256};
constexpr std::int32_t kNarrowStep[] = {-1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

constexpr OperandForm choice(std::span<const std::int32_t> choices) {
  return {.type = Type::kNumber, .choices = choices};
}
// Targets of branches lie at the instruction's address + 4 + a signed offset of 8, 12 or 18 bits, a loop's
// end at + 4 + an unsigned one of 8: a body has at most 256 bytes.
constexpr OperandForm label(std::int32_t bits) {
  return {.type = Type::kLabel, .low = 4 - (1 << (bits - 1)), .high = 3 + (1 << (bits - 1))};
}
constexpr OperandForm kLoopEnd{.type = Type::kLabel, .low = 4, .high = 259};

// ar = f(as, at)
template <auto f>
void binary(State& state, const Instruction& i) {
  a(state, i, 0) = f(a(state, i, 1), a(state, i, 2));
}
// ar = f(as)
template <auto f>
void unary(State& state, const Instruction& i) {
  a(state, i, 0) = f(a(state, i, 1));
}
// ar = f(as, immediate)
template <auto f>
void immediate(State& state, const Instruction& i) {
  a(state, i, 0) = f(a(state, i, 1), i.operands[2]);
}

Word divide(Word x, Word y) {
  if (y == 0) fail("divides by zero");
  return x / y;
}
Word remainder(Word x, Word y) {
  if (y == 0) fail("divides by zero");
  return x % y;
}
// The most negative number by -1 is itself, and leaves nothing.
Word divide_signed(Word x, Word y) {
  if (y == 0) fail("divides by zero");
  return y == u(-1) ? 0 - x : u(s(x) / s(y));
}
Word remainder_signed(Word x, Word y) {
  if (y == 0) fail("divides by zero");
  return y == u(-1) ? 0 : u(s(x) % s(y));
}
Word high_signed(Word x, Word y) { return static_cast<Word>((std::int64_t{s(x)} * s(y)) >> 32); }
Word high_unsigned(Word x, Word y) { return static_cast<Word>((std::uint64_t{x} * y) >> 32); }
Word low_halves_signed(Word x, Word y) {
  return u(Signed{static_cast<std::int16_t>(x)} * static_cast<std::int16_t>(y));
}
Word sign_extended(Word x, std::int32_t bit) { return u(s(x << (31 - bit)) >> (31 - bit)); }
Word clamped(Word x, std::int32_t bits) {
  const Signed limit = Signed{1} << bits;
  return u(std::clamp(s(x), -limit, limit - 1));
}
// Zeros in front of the first bit that differs from the sign, less one; 31 for 0 and -1.
Word normalization(Word x) { return static_cast<Word>(std::countl_zero(s(x) < 0 ? ~x : x)) - 1; }

// The low word of {high, low} >> SAR.
Word funnel(const State& state, Word high, Word low) {
  if (state.sar > 32) fail("shifts by SAR = {}: undefined above 32", state.sar);
  return static_cast<Word>(((std::uint64_t{high} << 32) | low) >> state.sar);
}
void srl(State& state, const Instruction& i) { a(state, i, 0) = funnel(state, 0, a(state, i, 1)); }
void sra(State& state, const Instruction& i) {
  a(state, i, 0) = funnel(state, u(s(a(state, i, 1)) >> 31), a(state, i, 1));
}
void sll(State& state, const Instruction& i) { a(state, i, 0) = funnel(state, a(state, i, 1), 0); }
void src(State& state, const Instruction& i) {
  a(state, i, 0) = funnel(state, a(state, i, 1), a(state, i, 2));
}

template <typename T>
void load(State& state, const Instruction& i) {
  const Word address = a(state, i, 1) + u(i.operands[2]);
  a(state, i, 0) = static_cast<Word>(static_cast<Signed>(state.load<T>(address, i.operands[1])));
}
template <typename T>
void store(State& state, const Instruction& i) {
  const Word address = a(state, i, 1) + u(i.operands[2]);
  state.store(address, i.operands[1], static_cast<T>(a(state, i, 0)));
}

// The label is the last operand, number `target`.
template <auto condition, std::size_t target>
void branch(State& state, const Instruction& i) {
  bool taken = false;
  if constexpr (target == 1)
    taken = condition(a(state, i, 0), Word{0});
  else
    taken = condition(a(state, i, 0), a(state, i, 1));
  if (taken) state.target = i.operands[target];
}
template <auto condition>
void branch_immediate(State& state, const Instruction& i) {
  if (condition(a(state, i, 0), u(i.operands[1]))) state.target = i.operands[2];
}

enum class Enter : std::uint8_t { kAlways, kUnlessZero, kIfPositive };
template <Enter enter>
void loop(State& state, const Instruction& i) {
  const Word count = a(state, i, 0);
  state.loop_count = count - 1;
  state.loop_end = static_cast<Word>(i.operands[1]);
  state.loop_begin = static_cast<Word>(i.operands[2]);
  if (enter == Enter::kAlways && count == 0) fail("a count of 0 loops 2^32 times");
  if ((enter == Enter::kUnlessZero && count == 0) || (enter == Enter::kIfPositive && s(count) <= 0))
    state.target = i.operands[1];
}

void nothing(State&, const Instruction&) {}

// Moves the stack pointer down. The highest 16 bytes of a frame receive the caller's registers when the
// window overflows, and are not for the function.
void entry(State& state, const Instruction& i) {
  const Word bytes = u(i.operands[1]);
  Region& frame = state.frame;  // all of the stack so far
  constexpr Word kSaved = 16;
  if (bytes + kSaved > frame.size)
    fail("a frame of {} bytes does not fit into a stack of {}", bytes, frame.size);
  frame.host += frame.size - bytes;
  frame.address += frame.size - bytes;
  frame.size = bytes - kSaved;
  state.a[1] -= bytes;
  state.forget_known();
}

void add_arithmetic(Table& table) {
  const auto add_one = [&](const char* name, Execute execute, const OperandForm& result = kAOut) {
    table.push_back({.name = name, .operands = {result, kAIn, kAIn}, .execute = execute});
  };
  add_one("add", binary<[](Word x, Word y) { return x + y; }>);
  add_one("sub", binary<[](Word x, Word y) { return x - y; }>);
  add_one("addx2", binary<[](Word x, Word y) { return (x << 1) + y; }>);
  add_one("addx4", binary<[](Word x, Word y) { return (x << 2) + y; }>);
  add_one("addx8", binary<[](Word x, Word y) { return (x << 3) + y; }>);
  add_one("subx2", binary<[](Word x, Word y) { return (x << 1) - y; }>);
  add_one("subx4", binary<[](Word x, Word y) { return (x << 2) - y; }>);
  add_one("subx8", binary<[](Word x, Word y) { return (x << 3) - y; }>);
  add_one("and", binary<[](Word x, Word y) { return x & y; }>);
  add_one("or", binary<[](Word x, Word y) { return x | y; }>);
  add_one("xor", binary<[](Word x, Word y) { return x ^ y; }>);
  add_one("min", binary<[](Word x, Word y) { return s(x) < s(y) ? x : y; }>);
  add_one("max", binary<[](Word x, Word y) { return (s(x) > s(y)) ? x : y; }>);
  add_one("minu", binary<[](Word x, Word y) { return std::min(x, y); }>);
  add_one("maxu", binary<[](Word x, Word y) { return std::max(x, y); }>);
  add_one("mull", binary<[](Word x, Word y) { return x * y; }>, kALate);
  add_one("mulsh", binary<high_signed>, kALate);
  add_one("muluh", binary<high_unsigned>, kALate);
  add_one("mul16s", binary<low_halves_signed>, kALate);
  add_one("mul16u", binary<[](Word x, Word y) { return (x & 0xffff) * (y & 0xffff); }>, kALate);
  add_one("quos", binary<divide_signed>, kALate);
  add_one("quou", binary<divide>, kALate);
  add_one("rems", binary<remainder_signed>, kALate);
  add_one("remu", binary<remainder>, kALate);
  for (Mnemonic& mnemonic : table)
    mnemonic.divides = mnemonic.name.starts_with("quo") || mnemonic.name.starts_with("rem");
  table.push_back(
      {.name = "add.n", .operands = {kAOut, kAIn, kAIn}, .execute = table[0].execute, .bytes = 2});

  const auto add_unary = [&](const char* name, Execute execute, int bytes = 3) {
    table.push_back({.name = name, .operands = {kAOut, kAIn}, .execute = execute, .bytes = bytes});
  };
  constexpr auto kCopy = [](Word x) { return x; };
  add_unary("mov", unary<kCopy>);
  add_unary("mov.n", unary<kCopy>, 2);
  add_unary("neg", unary<[](Word x) { return 0 - x; }>);
  add_unary("abs", unary<[](Word x) { return s(x) < 0 ? 0 - x : x; }>);
  add_unary("nsa", unary<normalization>);
  add_unary("nsau", unary<[](Word x) { return static_cast<Word>(std::countl_zero(x)); }>);

  const auto add_immediate = [&](const char* name, const OperandForm& form, Execute execute, int bytes = 3) {
    table.push_back({.name = name, .operands = {kAOut, kAIn, form}, .execute = execute, .bytes = bytes});
  };
  constexpr auto kPlus = [](Word x, std::int32_t n) { return x + u(n); };
  add_immediate("addi", number(-128, 127), immediate<kPlus>);
  add_immediate("addi.n", choice(kNarrowStep), immediate<kPlus>, 2);
  add_immediate("addmi", number(-32768, 32512, 256), immediate<kPlus>);
  add_immediate("slli", number(1, 31), immediate<[](Word x, std::int32_t n) { return x << n; }>);
  add_immediate("srli", number(0, 15), immediate<[](Word x, std::int32_t n) { return (x >> n); }>);
  add_immediate("srai", number(0, 31), immediate<[](Word x, std::int32_t n) { return u((s(x) >> n)); }>);
  add_immediate("sext", number(7, 22), immediate<sign_extended>);
  add_immediate("clamps", number(7, 22), immediate<clamped>);
  table.push_back({.name = "extui",
                   .operands = {kAOut, kAIn, number(0, 31), number(1, 16)},
                   .execute = [](State& state, const Instruction& i) {
                     a(state, i, 0) = (a(state, i, 1) >> i.operands[2]) & ((Word{1} << i.operands[3]) - 1);
                   }});

  constexpr Execute kConstant = [](State& state, const Instruction& i) { a(state, i, 0) = u(i.operands[1]); };
  table.push_back({.name = "movi", .operands = {kAOut, number(-2048, 2047)}, .execute = kConstant});
  table.push_back({.name = "movi.n", .operands = {kAOut, number(-32, 95)}, .execute = kConstant, .bytes = 2});
}

template <auto condition>
void move_if(State& state, const Instruction& i) {
  if (condition(s(a(state, i, 2)))) a(state, i, 0) = a(state, i, 1);
}

void add_moves_and_shifts(Table& table) {
  const auto add_move = [&](const char* name, Execute execute) {
    table.push_back({.name = name, .operands = {kAInOut, kAIn, kAIn}, .execute = execute});
  };
  add_move("moveqz", move_if<[](Signed x) { return x == 0; }>);
  add_move("movnez", move_if<[](Signed x) { return x != 0; }>);
  add_move("movltz", move_if<[](Signed x) { return x < 0; }>);
  add_move("movgez", move_if<[](Signed x) { return x >= 0; }>);

  const auto set_sar = [&](const char* name, const OperandForm& form, Execute execute) {
    table.push_back({.name = name, .operands = {form}, .execute = execute, .writes = kSar});
  };
  set_sar("ssr", kAIn, [](State& state, const Instruction& i) { state.sar = a(state, i, 0) & 31; });
  set_sar("ssl", kAIn, [](State& state, const Instruction& i) { state.sar = 32 - (a(state, i, 0) & 31); });
  set_sar("ssai", number(0, 31), [](State& state, const Instruction& i) { state.sar = u(i.operands[0]); });
  set_sar("wsr.sar", kAIn, [](State& state, const Instruction& i) { state.sar = a(state, i, 0) & 63; });
  const auto by_sar = [&](const char* name, std::vector<OperandForm> operands, Execute execute) {
    table.push_back(
        {.name = name, .operands = std::move(operands), .execute = execute, .reads = kSar, .early = kSar});
  };
  by_sar("rsr.sar", {kAOut}, [](State& state, const Instruction& i) { a(state, i, 0) = state.sar; });
  by_sar("srl", {kAOut, kAIn}, srl);
  by_sar("sra", {kAOut, kAIn}, sra);
  by_sar("sll", {kAOut, kAIn}, sll);
  by_sar("src", {kAOut, kAIn, kAIn}, src);
}

void add_loads(Table& table) {
  const auto add_one = [&](const char* name, const OperandForm& value, const OperandForm& offset,
                           Execute execute, int bytes = 3) {
    table.push_back({.name = name,
                     .operands = {value, kAIn, offset},
                     .execute = execute,
                     .kind = Kind::kScalarMemory,
                     .bytes = bytes});
  };
  constexpr OperandForm kBytes = number(0, 255), kHalves = number(0, 510, 2), kWords = number(0, 1020, 4),
                        kNear = number(0, 60, 4);
  add_one("l8ui", kALate, kBytes, load<std::uint8_t>);
  add_one("l16ui", kALate, kHalves, load<std::uint16_t>);
  add_one("l16si", kALate, kHalves, load<std::int16_t>);
  add_one("l32i", kALate, kWords, load<std::uint32_t>);
  add_one("l32i.n", kALate, kNear, load<std::uint32_t>, 2);
  add_one("s8i", kAIn, kBytes, store<std::uint8_t>);
  add_one("s16i", kAIn, kHalves, store<std::uint16_t>);
  add_one("s32i", kAIn, kWords, store<std::uint32_t>);
  add_one("s32i.n", kAIn, kNear, store<std::uint32_t>, 2);
}

void add_control(Table& table) {
  const auto add_one = [&](const char* name, std::vector<OperandForm> operands, Execute execute,
                           Flow flow = Flow::kBranch, int bytes = 3) {
    table.push_back({.name = name,
                     .operands = std::move(operands),
                     .execute = execute,
                     .kind = Kind::kControl,
                     .bytes = bytes,
                     .flow = flow});
  };
  constexpr auto kEqual = [](Word x, Word y) { return x == y; };
  constexpr auto kDiffers = [](Word x, Word y) { return x != y; };
  constexpr auto kLess = [](Word x, Word y) { return s(x) < s(y); };
  constexpr auto kNotLess = [](Word x, Word y) { return s(x) >= s(y); };
  constexpr auto kBelowIt = [](Word x, Word y) { return x < y; };
  constexpr auto kNotBelow = [](Word x, Word y) { return x >= y; };
  constexpr auto kBitClear = [](Word x, Word y) { return ((x >> (y & 31)) & 1) == 0; };
  constexpr auto kBitSet = [](Word x, Word y) { return ((x >> (y & 31)) & 1) != 0; };
  add_one("beqz", {kAIn, label(12)}, branch<kEqual, 1>);
  add_one("bnez", {kAIn, label(12)}, branch<kDiffers, 1>);
  add_one("bltz", {kAIn, label(12)}, branch<kLess, 1>);
  add_one("bgez", {kAIn, label(12)}, branch<kNotLess, 1>);
  add_one("beqi", {kAIn, choice(kEqualTo), label(8)}, branch_immediate<kEqual>);
  add_one("bnei", {kAIn, choice(kEqualTo), label(8)}, branch_immediate<kDiffers>);
  add_one("blti", {kAIn, choice(kEqualTo), label(8)}, branch_immediate<kLess>);
  add_one("bgei", {kAIn, choice(kEqualTo), label(8)}, branch_immediate<kNotLess>);
  add_one("bltui", {kAIn, choice(kBelow), label(8)}, branch_immediate<kBelowIt>);
  add_one("bgeui", {kAIn, choice(kBelow), label(8)}, branch_immediate<kNotBelow>);
  add_one("beq", {kAIn, kAIn, label(8)}, branch<kEqual, 2>);
  add_one("bne", {kAIn, kAIn, label(8)}, branch<kDiffers, 2>);
  add_one("blt", {kAIn, kAIn, label(8)}, branch<kLess, 2>);
  add_one("bge", {kAIn, kAIn, label(8)}, branch<kNotLess, 2>);
  add_one("bltu", {kAIn, kAIn, label(8)}, branch<kBelowIt, 2>);
  add_one("bgeu", {kAIn, kAIn, label(8)}, branch<kNotBelow, 2>);
  add_one("bany", {kAIn, kAIn, label(8)}, branch<[](Word x, Word y) { return (x & y) != 0; }, 2>);
  add_one("bnone", {kAIn, kAIn, label(8)}, branch<[](Word x, Word y) { return (x & y) == 0; }, 2>);
  add_one("ball", {kAIn, kAIn, label(8)}, branch<[](Word x, Word y) { return (~x & y) == 0; }, 2>);
  add_one("bnall", {kAIn, kAIn, label(8)}, branch<[](Word x, Word y) { return (~x & y) != 0; }, 2>);
  add_one("bbc", {kAIn, kAIn, label(8)}, branch<kBitClear, 2>);
  add_one("bbs", {kAIn, kAIn, label(8)}, branch<kBitSet, 2>);
  add_one("bbci", {kAIn, number(0, 31), label(8)}, branch_immediate<kBitClear>);
  add_one("bbsi", {kAIn, number(0, 31), label(8)}, branch_immediate<kBitSet>);
  add_one(
      "j", {label(18)}, [](State& state, const Instruction& i) { state.target = i.operands[0]; },
      Flow::kJump);
  add_one("loop", {kAIn, kLoopEnd}, loop<Enter::kAlways>, Flow::kLoop);
  add_one("loopnez", {kAIn, kLoopEnd}, loop<Enter::kUnlessZero>, Flow::kLoop);
  add_one("loopgtz", {kAIn, kLoopEnd}, loop<Enter::kIfPositive>, Flow::kLoop);
  add_one("entry", {kAInOut, number(16, 32752, 16)}, entry, Flow::kEntry);
  add_one("retw", {}, nothing, Flow::kReturn);
  add_one("retw.n", {}, nothing, Flow::kReturn, 2);
  table.push_back({.name = "nop", .operands = {}, .execute = nothing});
  table.push_back({.name = "nop.n", .operands = {}, .execute = nothing, .bytes = 2});
  table.push_back({.name = "memw", .operands = {}, .execute = nothing});
}

}  // namespace

void add_scalar(Table& table) {
  add_arithmetic(table);
  add_moves_and_shifts(table);
  add_loads(table);
  add_control(table);
}

}  // namespace mudra::s3
