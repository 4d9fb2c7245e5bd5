// Bytes moved within and across q registers.
#include <fmt/format.h>

#include "mudra/s3/forms.hpp"

namespace mudra::s3 {
namespace {

using Pair = std::array<std::uint8_t, 32>;  // {high, low}, the low one first

Pair pair_of(const Vector& low, const Vector& high) {
  Pair pair;
  std::memcpy(pair.data(), low.bytes.data(), 16);
  std::memcpy(pair.data() + 16, high.bytes.data(), 16);
  return pair;
}
// The 16 bytes from byte `first` (0-16) on.
Vector part_of(const Pair& pair, std::size_t first) {
  Vector part;
  std::memcpy(part.bytes.data(), pair.data() + first, 16);
  return part;
}

// The bytes from SAR_BYTE on of {q operand `low` + 1, q operand `low`}.
Vector shifted(State& state, const Instruction& i, std::size_t low) {
  return part_of(pair_of(q(state, i, low), q(state, i, low + 1)), state.sar_byte);
}

// Its address may be anything: taking the 16 bytes around it is what it is for.
template <Step step>
void load_and_keep_offset(State& state, const Instruction& i) {
  const std::uint32_t address = a(state, i, 1);
  const Vector loaded = state.load<Vector>(address & ~15u, i.operands[1]);
  state.sar_byte = address & 15;
  a(state, i, 1) += step_of<step>(state, i, 2);
  q(state, i, 0) = loaded;
}

void shift_pair(State& state, const Instruction& i) { q(state, i, 0) = shifted(state, i, 1); }
void shift_pair_and_queue(State& state, const Instruction& i) {
  const Vector result = shifted(state, i, 1), high = q(state, i, 2);
  q(state, i, 1) = high;
  q(state, i, 0) = result;
}
template <Step step>
void shift_pair_and_load(State& state, const Instruction& i) {
  const Vector result = shifted(state, i, 3);
  const Vector loaded = state.load<Vector>(a(state, i, 1) & ~15u, i.operands[1]);
  a(state, i, 1) += step_of<step>(state, i, 2);
  q(state, i, 3) = result;
  q(state, i, 0) = loaded;
}
void shift_pair_and_store(State& state, const Instruction& i) {
  state.store(a(state, i, 2), i.operands[2], shifted(state, i, 0));
  a(state, i, 2) += 16;
}

// {qs1, qs0}, operands 0 and 1, moved by `bytes` (1-16); zeros come in.
template <bool left>
void move_pair(State& state, const Instruction& i, std::size_t bytes) {
  const Pair from = pair_of(q(state, i, 1), q(state, i, 0));
  Pair to{};
  std::memcpy(to.data() + (left ? bytes : 0), from.data() + (left ? 0 : bytes), 32 - bytes);
  q(state, i, 1) = part_of(to, 0);
  q(state, i, 0) = part_of(to, 16);
}
template <bool left>
void move_by_immediate(State& state, const Instruction& i) {
  move_pair<left>(state, i, static_cast<std::size_t>(i.operands[2]) + 1);
}
template <bool left>
void move_by_register(State& state, const Instruction& i) {
  move_pair<left>(state, i, (a(state, i, 2) & 15) + 1);
  a(state, i, 2) += a(state, i, 3);
}

template <typename T>
void zip(State& state, const Instruction& i) {
  constexpr std::size_t kLanes = Lanes<T>().size();
  const auto x = lanes<T>(q(state, i, 0)), y = lanes<T>(q(state, i, 1));
  std::array<Lanes<T>, 2> out;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    out[2 * lane / kLanes][2 * lane % kLanes] = x[lane];
    out[2 * lane / kLanes][2 * lane % kLanes + 1] = y[lane];
  }
  q(state, i, 0) = vector_of<T>(out[0]);
  q(state, i, 1) = vector_of<T>(out[1]);
}
template <typename T>
void unzip(State& state, const Instruction& i) {
  constexpr std::size_t kLanes = Lanes<T>().size();
  const std::array<Lanes<T>, 2> in{lanes<T>(q(state, i, 0)), lanes<T>(q(state, i, 1))};
  Lanes<T> even, odd;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    even[lane] = in[2 * lane / kLanes][2 * lane % kLanes];
    odd[lane] = in[2 * lane / kLanes][2 * lane % kLanes + 1];
  }
  q(state, i, 0) = vector_of<T>(even);
  q(state, i, 1) = vector_of<T>(odd);
}

}  // namespace

void add_bytes(Table& table) {
  const auto add_one = [&](std::string name, std::vector<OperandForm> operands, Execute execute,
                           const Mnemonic& more = {}) {
    Mnemonic mnemonic = more;
    mnemonic.name = std::move(name);
    mnemonic.operands = std::move(operands);
    mnemonic.execute = execute;
    mnemonic.kind = Kind::kBytes;
    table.push_back(mnemonic);
  };
  add_one("ee.ld.128.usar.ip", {kQLate, kAInOut, kStep128}, load_and_keep_offset<Step::kImmediate>,
          {.writes = kSarByte});
  add_one("ee.ld.128.usar.xp", {kQLate, kAInOut, kAIn}, load_and_keep_offset<Step::kRegister>,
          {.writes = kSarByte});
  const Mnemonic by_sar_byte{.reads = kSarByte, .early = kSarByte};
  const Mnemonic by_sar_byte_long{.bytes = 4, .reads = kSarByte, .early = kSarByte};
  add_one("ee.src.q", {kQOut, kQIn, kQIn}, shift_pair, by_sar_byte);
  add_one("ee.src.q.qup", {kQOut, kQInOut, kQIn}, shift_pair_and_queue, by_sar_byte);
  add_one("ee.src.q.ld.ip", {kQLate, kAInOut, kStep128, kQInOut, kQIn}, shift_pair_and_load<Step::kImmediate>,
          by_sar_byte_long);
  add_one("ee.src.q.ld.xp", {kQLate, kAInOut, kAIn, kQInOut, kQIn}, shift_pair_and_load<Step::kRegister>,
          by_sar_byte_long);
  add_one("ee.srcq.128.st.incp", {kQIn, kQIn, kAInOut}, shift_pair_and_store,
          {.reads = kSarByte, .early = kSarByte, .stores_vector = true});
  add_one("ee.slci.2q", {kQInOut, kQInOut, number(0, 15)}, move_by_immediate<true>);
  add_one("ee.srci.2q", {kQInOut, kQInOut, number(0, 15)}, move_by_immediate<false>);
  add_one("ee.slcxxp.2q", {kQInOut, kQInOut, kAInOut, kAIn}, move_by_register<true>);
  add_one("ee.srcxxp.2q", {kQInOut, kQInOut, kAInOut, kAIn}, move_by_register<false>);
  const std::vector<OperandForm> both{kQInOut, kQInOut};
  add_one("ee.vzip.8", both, zip<std::uint8_t>);
  add_one("ee.vzip.16", both, zip<std::uint16_t>);
  add_one("ee.vzip.32", both, zip<std::uint32_t>);
  add_one("ee.vunzip.8", both, unzip<std::uint8_t>);
  add_one("ee.vunzip.16", both, unzip<std::uint16_t>);
  add_one("ee.vunzip.32", both, unzip<std::uint32_t>);
  add_one("mv.qr", {kQOut, kQIn},
          [](State& state, const Instruction& i) { q(state, i, 0) = q(state, i, 1); });
  add_one("ee.zero.q", {kQOut}, [](State& state, const Instruction& i) { q(state, i, 0) = Vector{}; });
}

}  // namespace mudra::s3
