// Every instruction the virtual chip knows: operands, effect, size, and what its time depends on.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/s3/registers.hpp"
#include "mudra/s3/state.hpp"

namespace mudra::s3 {

struct Instruction;
using Execute = void (*)(State& state, const Instruction& instruction);

// What an instruction is for; fused ones count as what they compute.
enum class Kind : std::uint8_t {
  kMultiplyAdd,  // into QACC or ACCX
  kAccumulator,  // QACC and ACCX set, read, shifted
  kElementwise,  // lane by lane, between q registers
  kBytes,        // bytes moved between q registers
  kVectorLoad,
  kVectorStore,
  kScalar,
  kScalarMemory,
  kControl,  // branches, loops, entry and retw
};
inline constexpr std::size_t kKinds = 9;
const char* name_of(Kind kind);

// How the next instruction is found.
enum class Flow : std::uint8_t { kNext, kBranch, kJump, kLoop, kEntry, kReturn };

struct OperandForm {
  enum class Type : std::uint8_t { kAddressRegister, kVectorRegister, kNumber, kLabel } type;
  // What of a q register; kLane: the 32-bit lane that the instruction's first number says.
  enum class Part : std::uint8_t { kAll, kLow, kHigh, kLane } part = Part::kAll;
  bool reads = false, writes = false;
  bool late = false;  // written in stage M, which the next instruction has to wait for
  // kNumber: what is allowed; kLabel: how far the target may lie behind this instruction, in bytes.
  std::int32_t low = 0, high = 0, step = 1;
  std::span<const std::int32_t> choices{};  // in the place of low and high
};

struct Mnemonic {
  std::string name{};
  std::vector<OperandForm> operands{};
  Execute execute = nullptr;
  Kind kind = Kind::kScalar;
  int bytes = 3;  // of code
  Flow flow = Flow::kNext;
  // Besides the operands: registers that must have been written, are written, are needed in stage E already,
  // are made in M only.
  RegisterSet reads = 0, writes = 0, early = 0, late = 0;
  int products = 0;            // multiply-adds: 16 or 8
  bool stores_vector = false;  // 128 bits to memory
  bool divides = false;
  bool queue = false;  // a .qup form: its first operand must not be one of its last two
};

// Sorted by name; an instruction's number is its place.
std::span<const Mnemonic> mnemonics();

// Null for an unknown name; lower case.
const Mnemonic* find_mnemonic(std::string_view name);

// What is known about an instruction that is refused ("needs a literal"); empty for names that mean nothing.
std::string_view why_unsupported(std::string_view name);

// Decoded: register numbers and immediates in the order they are written. A label is the index of the
// instruction it stands before, and behind it follows the index of the next instruction.
struct Instruction {
  Execute execute = nullptr;
  RegisterSet reads = 0, writes = 0;
  std::array<std::int32_t, 7> operands{};
  std::uint16_t mnemonic = 0;
  Flow flow = Flow::kNext;
  bool ends_loop = false;  // the last of a loop's body

  bool is_plain() const { return flow == Flow::kNext && !ends_loop; }
};

}  // namespace mudra::s3
