// Every instruction against its plain transcription, over random states.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "mudra/base/random.hpp"
#include "mudra/s3/machine.hpp"
#include "tests/s3/plain_chip.hpp"

namespace mudra::s3 {
namespace {

using Type = OperandForm::Type;

struct alignas(16) Bytes {
  std::array<std::uint8_t, 1536> bytes{};
};

// Whether `name` has one of the parts "ld", "st", ... between its dots.
bool touches_memory(const Mnemonic& mnemonic) {
  if (mnemonic.kind == Kind::kScalarMemory) return true;
  const std::string name = fmt::format(".{}.", mnemonic.name);
  for (const char* part : {"ld", "st", "vld", "vst", "ldqa", "ldbc", "vldbc", "vldhbc", "ldxq", "stxq"})
    if (name.find(fmt::format(".{}.", part)) != std::string::npos) return true;
  return false;
}

// A random case of one instruction: its operands and the chip before it.
class Case {
 public:
  Case(const Mnemonic& mnemonic, Random& random) : mnemonic_(mnemonic), random_(random) { choose_operands(); }

  std::string text() const {
    std::string text = mnemonic_.name;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const Type type = mnemonic_.operands[i].type;
      text += fmt::format("{}{}{}", i == 0 ? " " : ", ",
                          type == Type::kAddressRegister  ? "a"
                          : type == Type::kVectorRegister ? "q"
                                                          : "",
                          operands_[i]);
    }
    return text;
  }

  const std::vector<std::int32_t>& operands() const { return operands_; }

  void fill(std::vector<std::uint8_t>& memory) {
    for (std::uint8_t& value : memory) value = byte();
  }

  // Mostly extremes, so that everything saturates now and then.
  void randomize(PlainChip& chip) {
    for (std::uint32_t& value : chip.a) value = word();
    for (PlainChip::Quad& quad : chip.q)
      for (std::uint8_t& byte : quad) byte = this->byte();
    const bool near_limits = random_.chance(0.5f);
    for (int i = 0; i < 8; ++i) {
      // As 40-bit lanes, or as two of 20, close to what they can hold.
      const std::uint64_t far = random_.bits(), by = random_.below(200);
      const std::uint64_t limit20 = random_.chance(0.5f) ? 0x7ffff - by : 0x80000 + by;
      const std::uint64_t limit40 = random_.chance(0.5f) ? 0x7fffffffff - by : 0x8000000000 + by;
      chip.set_qacc_bits(40 * i, 40,
                         !near_limits           ? far
                         : random_.chance(0.5f) ? limit40
                                                : limit20 | limit20 << 20);
    }
    chip.accx = PlainChip::signed_bits(near_limits ? 0x7ffffffff0 + random_.below(32) : random_.bits(), 40);
    chip.sar = random_.below(sar_values());
    chip.sar_byte = random_.below(16);
    keep_to_what_is_defined(chip);
  }

 private:
  std::int32_t number_of(const OperandForm& form) {
    if (!form.choices.empty())
      return form.choices[random_.below(static_cast<std::uint32_t>(form.choices.size()))];
    const auto steps = static_cast<std::uint32_t>((form.high - form.low) / form.step + 1);
    return form.low + form.step * static_cast<std::int32_t>(random_.below(steps));
  }

  // Results in different registers, none in a1.
  void choose_operands() {
    const auto again = [&](std::size_t i) {
      const OperandForm& form = mnemonic_.operands[i];
      if (form.type == Type::kAddressRegister && form.writes && operands_[i] == 1) return true;
      for (std::size_t j = 0; j < i; ++j)
        if (mnemonic_.operands[j].type == form.type && mnemonic_.operands[j].writes && form.writes &&
            operands_[j] == operands_[i])
          return true;
      return mnemonic_.queue && i + 1 == mnemonic_.operands.size() && operands_[i] == operands_[0];
    };
    for (std::size_t i = 0; i < mnemonic_.operands.size(); ++i) {
      const OperandForm& form = mnemonic_.operands[i];
      operands_.push_back(0);
      do {
        operands_[i] = form.type == Type::kAddressRegister  ? static_cast<std::int32_t>(random_.below(16))
                       : form.type == Type::kVectorRegister ? static_cast<std::int32_t>(random_.below(8))
                                                            : number_of(form);
      } while (again(i));
    }
  }

  std::uint32_t word() {
    static constexpr std::uint32_t kExtremes[] = {0, 1, 0xffffffff, 0x80000000, 0x7fffffff, 31, 32, 128};
    return random_.chance(0.3f) ? kExtremes[random_.below(8)]
                                : static_cast<std::uint32_t>(random_.bits()) >> random_.below(32);
  }
  std::uint8_t byte() {
    static constexpr std::uint8_t kExtremes[] = {0, 1, 0x7f, 0x80, 0xff};
    return random_.chance(0.4f) ? kExtremes[random_.below(5)] : static_cast<std::uint8_t>(random_.below(256));
  }
  std::uint32_t sar_values() const {
    const std::string& name = mnemonic_.name;
    if (name == "ee.vsl.32" || name == "ee.vsr.32") return 32;
    return name == "srl" || name == "sra" || name == "sll" || name == "src" ? 33 : 64;
  }

  void keep_to_what_is_defined(PlainChip& chip) {
    const std::string& name = mnemonic_.name;
    const auto a = [&](std::size_t operand) -> std::uint32_t& {
      return chip.a[static_cast<std::size_t>(operands_[operand])];
    };
    if (name == "ee.srcmb.s8.qacc") a(1) = random_.below(20);
    if (name == "ee.srcmb.s16.qacc" || name == "ee.srs.accx") a(1) = random_.below(40);
    if (name == "ee.vrelu.s8" || name == "ee.vrelu.s16") a(1) &= name.ends_with("8") ? ~0x80u : ~0x8000u;
    if (name.starts_with("ee.vprelu")) a(3) = random_.below(32);
    if (mnemonic_.divides && a(2) == 0) a(2) = 1;
    if (name.starts_with("ee.ldxq") || name.starts_with("ee.stxq")) {
      PlainChip::Quad& indices = chip.q[static_cast<std::size_t>(operands_[1])];
      for (std::size_t i = 1; i < 16; i += 2) indices[i] = 0;
    }
    if (!touches_memory(mnemonic_)) return;
    std::size_t base = 0;
    while (mnemonic_.operands[base].type != Type::kAddressRegister ||
           (base == 0 && mnemonic_.kind == Kind::kScalarMemory))
      ++base;
    a(base) = chip.memory_address + 160 + width() * random_.below(16);
  }

  // What the address must be a multiple of.
  std::uint32_t width() const {
    const std::string& name = mnemonic_.name;
    const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
    if (has(".usar.") || has("ee.src.q.ld") || (has(".qup") && !has("ldbc"))) return 1;
    if (has("ldbc.")) return has("8.qacc.ldbc") || has("vldbc.8") ? 1 : has("vldbc.32") ? 4 : 2;
    if (has("xq.32") || has(".h.32.")) return 4;
    if (has(".64.") || has("ld.accx") || has("st.accx")) return 8;
    if (mnemonic_.kind != Kind::kScalarMemory) return 16;
    return has("8") ? 1 : has("16") ? 2 : 4;
  }

  const Mnemonic& mnemonic_;
  Random& random_;
  std::vector<std::int32_t> operands_;
};

void put(const PlainChip& from, State& state, Bytes& memory) {
  state.a = from.a;
  for (std::size_t i = 0; i < 8; ++i) state.q[i].bytes = from.q[i];
  Accumulator::Bytes& bytes = state.qacc.bytes();
  for (int i = 0; i < 40; ++i)
    bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(from.qacc_bits(8 * i, 8));
  state.accx = from.accx;
  state.sar = from.sar;
  state.sar_byte = from.sar_byte;
  std::ranges::copy(from.memory, memory.bytes.begin());
}

testing::AssertionResult same(State& state, const Bytes& memory, const PlainChip& plain) {
  for (std::size_t i = 0; i < 16; ++i)
    if (state.a[i] != plain.a[i])
      return testing::AssertionFailure() << "a" << i << ": " << state.a[i] << " instead of " << plain.a[i];
  for (std::size_t i = 0; i < 8; ++i)
    if (state.q[i].bytes != plain.q[i]) return testing::AssertionFailure() << "q" << i;
  for (int i = 0; i < 40; ++i)
    if (state.qacc.bytes()[static_cast<std::size_t>(i)] != plain.qacc_bits(8 * i, 8))
      return testing::AssertionFailure() << "byte " << i << " of QACC";
  if (state.accx != plain.accx)
    return testing::AssertionFailure() << "ACCX: " << state.accx << " instead of " << plain.accx;
  if (state.sar != plain.sar || state.sar_byte != plain.sar_byte)
    return testing::AssertionFailure() << "SAR or SAR_BYTE";
  if (!std::ranges::equal(memory.bytes, plain.memory)) return testing::AssertionFailure() << "memory";
  return testing::AssertionSuccess();
}

void compare_with_transcription(const Mnemonic& mnemonic) {
  constexpr int kOperands = 40, kStates = 50;
  Random random(1, &mnemonic - mnemonics().data());
  Bytes bytes;
  Memory memory;
  PlainChip plain;
  plain.memory.resize(bytes.bytes.size());
  plain.memory_address = memory.map(std::span(bytes.bytes), "memory");
  for (int i = 0; i < kOperands; ++i) {
    Case one(mnemonic, random);
    const Program program =
        assemble(fmt::format(".align 4\nf: entry a1, 32\n{}\nretw\n", one.text()), "test.S");
    const Instruction& instruction = program.code()[1];
    one.fill(plain.memory);
    for (int j = 0; j < kStates; ++j) {
      State state;
      state.regions = memory.regions();
      one.randomize(plain);
      put(plain, state, bytes);
      // A look in another lane mode changes nothing.
      if (random.chance(0.3f)) state.qacc.lanes20();
      if (random.chance(0.3f)) state.qacc.lanes40();
      plain.step(mnemonic.name, one.operands());
      instruction.execute(state, instruction);
      ASSERT_TRUE(same(state, bytes, plain)) << one.text();
    }
  }
  EXPECT_FALSE(plain.met_unknown()) << mnemonic.name;
}

class EveryInstruction : public testing::TestWithParam<Kind> {};

// All but those that only choose the next one.
TEST_P(EveryInstruction, does_what_its_transcription_does_in_2000_random_states) {
  int tested = 0;
  for (const Mnemonic& mnemonic : mnemonics()) {
    if (mnemonic.kind != GetParam() || mnemonic.flow != Flow::kNext) continue;
    compare_with_transcription(mnemonic);
    ++tested;
  }
  EXPECT_GE(tested, 8);
}

INSTANTIATE_TEST_SUITE_P(S3, EveryInstruction,
                         testing::Values(Kind::kMultiplyAdd, Kind::kAccumulator, Kind::kElementwise,
                                         Kind::kBytes, Kind::kVectorLoad, Kind::kVectorStore, Kind::kScalar,
                                         Kind::kScalarMemory),
                         [](const auto& tested) {
                           std::string name = name_of(tested.param);
                           std::ranges::replace_if(
                               name, [](char c) { return c == ' ' || c == '-'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace mudra::s3
