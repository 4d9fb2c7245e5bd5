// How the tables of instructions say what operands are (within mudra::s3).
#pragma once

#include <vector>

#include "mudra/s3/mnemonics.hpp"

namespace mudra::s3 {

using Table = std::vector<Mnemonic>;
void add_scalar(Table& table);
void add_memory(Table& table);
void add_bytes(Table& table);
void add_accumulator(Table& table);
void add_multiply_add(Table& table);
void add_elementwise(Table& table);

using Type = OperandForm::Type;
inline constexpr OperandForm kAIn{.type = Type::kAddressRegister, .reads = true};
inline constexpr OperandForm kAOut{.type = Type::kAddressRegister, .writes = true};
inline constexpr OperandForm kALate{.type = Type::kAddressRegister, .writes = true, .late = true};
inline constexpr OperandForm kAInOut{.type = Type::kAddressRegister, .reads = true, .writes = true};
inline constexpr OperandForm kQIn{.type = Type::kVectorRegister, .reads = true};
inline constexpr OperandForm kQOut{.type = Type::kVectorRegister, .writes = true};
inline constexpr OperandForm kQLate{.type = Type::kVectorRegister, .writes = true, .late = true};
inline constexpr OperandForm kQInOut{.type = Type::kVectorRegister, .reads = true, .writes = true};
inline constexpr OperandForm kQInOutLate{
    .type = Type::kVectorRegister, .reads = true, .writes = true, .late = true};
constexpr OperandForm number(std::int32_t low, std::int32_t high, std::int32_t step = 1) {
  return {.type = Type::kNumber, .low = low, .high = high, .step = step};
}
// Steps of the address register, by the width of the access.
inline constexpr OperandForm kStep128 = number(-2048, 2032, 16), kStep64 = number(-1024, 1016, 8),
                             kStep32 = number(-512, 508, 4), kFusedStep = number(-512, 496, 16);

// Registers an instruction works on.
inline std::uint32_t& a(State& state, const Instruction& instruction, std::size_t operand) {
  return state.a[static_cast<std::size_t>(instruction.operands[operand])];
}
inline Vector& q(State& state, const Instruction& instruction, std::size_t operand) {
  return state.q[static_cast<std::size_t>(instruction.operands[operand])];
}

// How a load or store moves its address register afterwards.
enum class Step : std::uint8_t { kNone, kImmediate, kRegister };

// `operand` is the immediate or the register.
template <Step step>
std::uint32_t step_of(const State& state, const Instruction& instruction, std::size_t operand) {
  const std::int32_t value = instruction.operands[operand];
  if constexpr (step == Step::kNone) return 0;
  if constexpr (step == Step::kImmediate) return static_cast<std::uint32_t>(value);
  return state.a[static_cast<std::size_t>(value)];
}

}  // namespace mudra::s3
