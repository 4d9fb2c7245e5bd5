// Loads and stores of q registers and of their parts.
#include <string>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/s3/forms.hpp"

namespace mudra::s3 {
namespace {

template <Step step>
void load_vector(State& state, const Instruction& i) {
  const Vector loaded = state.load<Vector>(a(state, i, 1), i.operands[1]);
  a(state, i, 1) += step_of<step>(state, i, 2);
  q(state, i, 0) = loaded;
}
template <Step step>
void store_vector(State& state, const Instruction& i) {
  state.store(a(state, i, 1), i.operands[1], q(state, i, 0));
  a(state, i, 1) += step_of<step>(state, i, 2);
}

template <std::size_t half, Step step>
void load_half(State& state, const Instruction& i) {
  auto halves = lanes<std::uint64_t>(q(state, i, 0));
  halves[half] = state.load<std::uint64_t>(a(state, i, 1), i.operands[1]);
  q(state, i, 0) = vector_of<std::uint64_t>(halves);
  a(state, i, 1) += step_of<step>(state, i, 2);
}
template <std::size_t half, Step step>
void store_half(State& state, const Instruction& i) {
  state.store(a(state, i, 1), i.operands[1], lanes<std::uint64_t>(q(state, i, 0))[half]);
  a(state, i, 1) += step_of<step>(state, i, 2);
}

void load_at(State& state, const Instruction& i) {
  const std::uint32_t address = a(state, i, 1) + static_cast<std::uint32_t>(i.operands[2]);
  q(state, i, 0) = state.load<Vector>(address, i.operands[1]);
}
void store_at(State& state, const Instruction& i) {
  const std::uint32_t address = a(state, i, 1) + static_cast<std::uint32_t>(i.operands[2]);
  state.store(address, i.operands[1], q(state, i, 0));
}

template <typename T, Step step>
void broadcast(State& state, const Instruction& i) {
  Lanes<T> all;
  all.fill(state.load<T>(a(state, i, 1), i.operands[1]));
  a(state, i, 1) += step_of<step>(state, i, 2);
  q(state, i, 0) = vector_of<T>(all);
}

// Eight halfwords, each twice.
void broadcast_pairs(State& state, const Instruction& i) {
  const auto from = lanes<std::uint16_t>(state.load<Vector>(a(state, i, 2), i.operands[2]));
  Lanes<std::uint16_t> low, high;
  for (std::size_t lane = 0; lane < 8; ++lane) {
    low[lane] = from[lane / 2];
    high[lane] = from[4 + lane / 2];
  }
  a(state, i, 2) += 16;
  q(state, i, 0) = vector_of<std::uint16_t>(low);
  q(state, i, 1) = vector_of<std::uint16_t>(high);
}

// as + 4 * the halfword `lane` of the vector of indices.
std::uint32_t indexed(State& state, const Instruction& i) {
  const std::uint16_t index = lanes<std::uint16_t>(q(state, i, 1))[static_cast<std::size_t>(i.operands[4])];
  if (index > 0x7fff) fail("index 0x{:04x}: whether it is signed is not known (?)", index);
  return a(state, i, 2) + 4u * index;
}
void load_indexed(State& state, const Instruction& i) {
  auto words = lanes<std::uint32_t>(q(state, i, 0));
  words[static_cast<std::size_t>(i.operands[3])] =
      state.load<std::uint32_t>(indexed(state, i), i.operands[2]);
  q(state, i, 0) = vector_of<std::uint32_t>(words);
}
void store_indexed(State& state, const Instruction& i) {
  const auto words = lanes<std::uint32_t>(q(state, i, 0));
  state.store(indexed(state, i), i.operands[2], words[static_cast<std::size_t>(i.operands[3])]);
}

void add_pair(Table& table, const std::string& name, const OperandForm& vector, const OperandForm& step,
              Kind kind, Execute by_immediate, Execute by_register, const Mnemonic& more = {}) {
  Mnemonic mnemonic = more;
  mnemonic.kind = kind;
  mnemonic.name = name + ".ip";
  mnemonic.operands = {vector, kAInOut, step};
  mnemonic.execute = by_immediate;
  table.push_back(mnemonic);
  mnemonic.name = name + ".xp";
  mnemonic.operands.back() = kAIn;
  mnemonic.execute = by_register;
  table.push_back(mnemonic);
}

void add_vectors(Table& table) {
  add_pair(table, "ee.vld.128", kQLate, kStep128, Kind::kVectorLoad, load_vector<Step::kImmediate>,
           load_vector<Step::kRegister>);
  add_pair(table, "ee.vst.128", kQIn, kStep128, Kind::kVectorStore, store_vector<Step::kImmediate>,
           store_vector<Step::kRegister>, {.stores_vector = true});
  table.push_back({.name = "ld.qr",
                   .operands = {kQLate, kAIn, number(-128, 112, 16)},
                   .execute = load_at,
                   .kind = Kind::kVectorLoad});
  table.push_back({.name = "st.qr",
                   .operands = {kQIn, kAIn, number(-128, 112, 16)},
                   .execute = store_at,
                   .kind = Kind::kVectorStore,
                   .stores_vector = true});
}

void add_broadcasts(Table& table) {
  const auto add_one = [&](const char* name, const OperandForm& step, Execute plain, Execute by_immediate,
                           Execute by_register) {
    table.push_back({.name = name, .operands = {kQLate, kAIn}, .execute = plain, .kind = Kind::kVectorLoad});
    add_pair(table, name, kQLate, step, Kind::kVectorLoad, by_immediate, by_register);
  };
  add_one("ee.vldbc.8", number(0, 127), broadcast<std::uint8_t, Step::kNone>,
          broadcast<std::uint8_t, Step::kImmediate>, broadcast<std::uint8_t, Step::kRegister>);
  add_one("ee.vldbc.16", number(0, 254, 2), broadcast<std::uint16_t, Step::kNone>,
          broadcast<std::uint16_t, Step::kImmediate>, broadcast<std::uint16_t, Step::kRegister>);
  add_one("ee.vldbc.32", kStep32, broadcast<std::uint32_t, Step::kNone>,
          broadcast<std::uint32_t, Step::kImmediate>, broadcast<std::uint32_t, Step::kRegister>);
  table.push_back({.name = "ee.vldhbc.16.incp",
                   .operands = {kQLate, kQLate, kAInOut},
                   .execute = broadcast_pairs,
                   .kind = Kind::kVectorLoad});
}

// The halves of a q register.
void add_halves(Table& table) {
  const auto part = [](OperandForm form, OperandForm::Part which) {
    form.part = which;
    return form;
  };
  constexpr auto kLow = OperandForm::Part::kLow, kHigh = OperandForm::Part::kHigh;
  add_pair(table, "ee.vld.l.64", part(kQLate, kLow), kStep64, Kind::kVectorLoad,
           load_half<0, Step::kImmediate>, load_half<0, Step::kRegister>);
  add_pair(table, "ee.vld.h.64", part(kQLate, kHigh), kStep64, Kind::kVectorLoad,
           load_half<1, Step::kImmediate>, load_half<1, Step::kRegister>);
  add_pair(table, "ee.vst.l.64", part(kQIn, kLow), kStep64, Kind::kVectorStore,
           store_half<0, Step::kImmediate>, store_half<0, Step::kRegister>);
  add_pair(table, "ee.vst.h.64", part(kQIn, kHigh), kStep64, Kind::kVectorStore,
           store_half<1, Step::kImmediate>, store_half<1, Step::kRegister>);
}

// One 32-bit lane of a q register.
void add_lanes(Table& table) {
  const auto add_one = [&](const char* name, OperandForm vector, std::vector<OperandForm> more, Kind kind,
                           int bytes, Execute execute) {
    vector.part = OperandForm::Part::kLane;
    more.insert(more.begin(), vector);
    table.push_back(
        {.name = name, .operands = std::move(more), .execute = execute, .kind = kind, .bytes = bytes});
  };
  constexpr OperandForm kLane = number(0, 3), kHalfword = number(0, 7);
  add_one("ee.movi.32.a", kQIn, {kAOut, kLane}, Kind::kBytes, 3, [](State& state, const Instruction& i) {
    a(state, i, 1) = lanes<std::uint32_t>(q(state, i, 0))[static_cast<std::size_t>(i.operands[2])];
  });
  add_one("ee.movi.32.q", kQOut, {kAIn, kLane}, Kind::kBytes, 3, [](State& state, const Instruction& i) {
    auto words = lanes<std::uint32_t>(q(state, i, 0));
    words[static_cast<std::size_t>(i.operands[2])] = a(state, i, 1);
    q(state, i, 0) = vector_of<std::uint32_t>(words);
  });
  add_one("ee.ldxq.32", kQLate, {kQIn, kAIn, kLane, kHalfword}, Kind::kVectorLoad, 4, load_indexed);
  add_one("ee.stxq.32", kQIn, {kQIn, kAIn, kLane, kHalfword}, Kind::kVectorStore, 4, store_indexed);
}

}  // namespace

void add_memory(Table& table) {
  add_vectors(table);
  add_broadcasts(table);
  add_halves(table);
  add_lanes(table);
}

}  // namespace mudra::s3
