// QACC and ACCX set, stored, read in pieces and shifted into registers.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "mudra/base/error.hpp"
#include "mudra/s3/forms.hpp"

namespace mudra::s3 {
namespace {

constexpr std::int64_t sign40(std::uint64_t value) { return static_cast<std::int64_t>(value << 24) >> 24; }

// Every element of a vector in a lane of its own, sign- or zero-extended by its type.
template <typename T>
void fill(Accumulator& qacc, const Vector& vector) {
  if constexpr (sizeof(T) == 1)
    std::ranges::copy(lanes<T>(vector), qacc.new_lanes20().begin());
  else
    std::ranges::copy(lanes<T>(vector), qacc.new_lanes40().begin());
}
template <typename T, Step step>
void load_lanes(State& state, const Instruction& i) {
  const Vector loaded = state.load<Vector>(a(state, i, 0), i.operands[0]);
  a(state, i, 0) += step_of<step>(state, i, 1);
  fill<T>(state.qacc, loaded);
}
template <typename T>
void move_lanes(State& state, const Instruction& i) {
  fill<T>(state.qacc, q(state, i, 0));
}

// A piece of QACC's bytes, from byte `first` on: 16 at once or 4.
template <typename Piece, std::size_t first>
void load_piece(State& state, const Instruction& i) {
  const auto piece = state.load<Piece>(a(state, i, 0), i.operands[0]);
  a(state, i, 0) += step_of<Step::kImmediate>(state, i, 1);
  std::memcpy(&state.qacc.bytes()[first], &piece, sizeof piece);
}
template <typename Piece, std::size_t first>
void store_piece(State& state, const Instruction& i) {
  Piece piece{};
  std::memcpy(&piece, &state.qacc.bytes()[first], sizeof piece);
  state.store(a(state, i, 0), i.operands[0], piece);
  a(state, i, 0) += step_of<Step::kImmediate>(state, i, 1);
}
template <std::size_t word>
void read_word(State& state, const Instruction& i) {
  std::memcpy(&a(state, i, 0), &state.qacc.bytes()[4 * word], 4);
}
template <std::size_t word>
void write_word(State& state, const Instruction& i) {
  std::memcpy(&state.qacc.bytes()[4 * word], &a(state, i, 0), 4);
}

void load_accx(State& state, const Instruction& i) {
  state.accx = sign40(state.load<std::uint64_t>(a(state, i, 0), i.operands[0]));
  a(state, i, 0) += step_of<Step::kImmediate>(state, i, 1);
}
void store_accx(State& state, const Instruction& i) {
  state.store(a(state, i, 0), i.operands[0], static_cast<std::uint64_t>(state.accx) & 0xffffffffff);
  a(state, i, 0) += step_of<Step::kImmediate>(state, i, 1);
}

std::uint32_t shift_amount(const State& state, const Instruction& i, std::uint32_t bits) {
  const std::uint32_t amount = state.a[static_cast<std::size_t>(i.operands[1])];
  if (amount >= bits)
    fail("shifts lanes of {} bits by {}: what the chip then does is not known (?)", bits, amount);
  return amount;
}
// Lanes of QACC are shifted, rounding down, and kept; the q register gets them saturated.
void shift20(State& state, const Instruction& i) {
  const std::uint32_t amount = shift_amount(state, i, 20);
  Accumulator::Lanes20& from = state.qacc.lanes20();
  Lanes<std::int8_t> out;
  for (std::size_t lane = 0; lane < out.size(); ++lane) {
    from[lane] >>= amount;
    out[lane] = static_cast<std::int8_t>(std::clamp(from[lane], -128, 127));
  }
  q(state, i, 0) = vector_of<std::int8_t>(out);
}
void shift40(State& state, const Instruction& i) {
  const std::uint32_t amount = shift_amount(state, i, 40);
  Accumulator::Lanes40& from = state.qacc.lanes40();
  Lanes<std::int16_t> out;
  for (std::size_t lane = 0; lane < out.size(); ++lane) {
    from[lane] >>= amount;
    out[lane] = static_cast<std::int16_t>(std::clamp<std::int64_t>(from[lane], -32768, 32767));
  }
  q(state, i, 0) = vector_of<std::int16_t>(out);
}
void shift_accx(State& state, const Instruction& i) {
  using Limits = std::numeric_limits<std::int32_t>;
  state.accx >>= shift_amount(state, i, 40);
  a(state, i, 0) =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(state.accx, Limits::min(), Limits::max()));
}

void add_one(Table& table, std::string name, std::vector<OperandForm> operands, Execute execute,
             const Mnemonic& more) {
  Mnemonic mnemonic = more;
  mnemonic.name = std::move(name);
  mnemonic.operands = std::move(operands);
  mnemonic.execute = execute;
  mnemonic.kind = Kind::kAccumulator;
  table.push_back(mnemonic);
}

template <typename T>
void add_fills(Table& table, const std::string& type) {
  const std::string load = "ee.ldqa." + type + ".128";
  const Mnemonic from_memory{.writes = kQacc, .late = kQacc};
  add_one(table, load + ".ip", {kAInOut, kStep128}, load_lanes<T, Step::kImmediate>, from_memory);
  add_one(table, load + ".xp", {kAInOut, kAIn}, load_lanes<T, Step::kRegister>, from_memory);
  add_one(table, "ee.mov." + type + ".qacc", {kQIn}, move_lanes<T>, {.writes = kQacc});
}

// Half of QACC whose bytes begin with number `first`, words with `first` / 4.
template <std::size_t first>
void add_pieces(Table& table, const std::string& half) {
  constexpr int kWord = first / 4;
  constexpr RegisterSet kHigh = qacc_word(kWord + 4), kAll = first == 0 ? kQaccLow : kQaccHigh,
                        kLow = kAll & ~kHigh;
  add_one(table, "ee.ld." + half + ".l.128.ip", {kAInOut, kStep128}, load_piece<Vector, first>,
          {.writes = kLow, .early = kAll, .late = kAll});
  add_one(table, "ee.ld." + half + ".h.32.ip", {kAInOut, kStep32}, load_piece<std::uint32_t, first + 16>,
          {.writes = kHigh, .early = kAll, .late = kAll});
  add_one(table, "ee.st." + half + ".l.128.ip", {kAInOut, kStep128}, store_piece<Vector, first>,
          {.reads = kLow, .early = kAll, .stores_vector = true});
  add_one(table, "ee.st." + half + ".h.32.ip", {kAInOut, kStep32}, store_piece<std::uint32_t, first + 16>,
          {.reads = kHigh, .early = kAll});
  const auto add_word = [&]<std::size_t word>() {
    const std::string suffix = fmt::format("{}_{}", half, word);
    constexpr std::size_t kAt = kWord + word;
    constexpr RegisterSet kBit = qacc_word(kAt);
    add_one(table, "rur." + suffix, {kAOut}, read_word<kAt>, {.reads = kBit, .early = kAll});
    add_one(table, "wur." + suffix, {kAIn}, write_word<kAt>, {.writes = kBit, .early = kAll});
  };
  add_word.template operator()<0>();
  add_word.template operator()<1>();
  add_word.template operator()<2>();
  add_word.template operator()<3>();
  add_word.template operator()<4>();
}

void add_accx(Table& table) {
  add_one(table, "ee.zero.accx", {}, [](State& state, const Instruction&) { state.accx = 0; },
          {.writes = kAccx});
  add_one(table, "ee.ld.accx.ip", {kAInOut, kStep64}, load_accx, {.writes = kAccx, .late = kAccx});
  add_one(table, "ee.st.accx.ip", {kAInOut, kStep64}, store_accx, {.reads = kAccx, .early = kAccx});
  // The third operand has another encoding for 1, of unknown meaning.
  add_one(table, "ee.srs.accx", {kAOut, kAIn, number(0, 0)}, shift_accx,
          {.reads = kAccx, .writes = kAccx, .early = kAccx});
  add_one(table, "rur.accx_0", {kAOut},
          [](State& state, const Instruction& i) { a(state, i, 0) = static_cast<std::uint32_t>(state.accx); },
          {.reads = kAccxLow, .early = kAccx});
  add_one(table, "rur.accx_1", {kAOut},
          [](State& state, const Instruction& i) {
            a(state, i, 0) = static_cast<std::uint32_t>(state.accx >> 32) & 0xff;
          },
          {.reads = kAccxHigh, .early = kAccx});
  add_one(table, "wur.accx_0", {kAIn},
          [](State& state, const Instruction& i) {
            state.accx = static_cast<std::int64_t>((static_cast<std::uint64_t>(state.accx) & ~0xffffffffull) |
                                                   a(state, i, 0));
          },
          {.writes = kAccxLow, .early = kAccx});
  add_one(table, "wur.accx_1", {kAIn},
          [](State& state, const Instruction& i) {
            const std::uint64_t low = static_cast<std::uint32_t>(state.accx), high = a(state, i, 0) & 0xff;
            state.accx = sign40((high << 32) | low);
          },
          {.writes = kAccxHigh, .early = kAccx});
}

}  // namespace

void add_accumulator(Table& table) {
  add_fills<std::int8_t>(table, "s8");
  add_fills<std::uint8_t>(table, "u8");
  add_fills<std::int16_t>(table, "s16");
  add_fills<std::uint16_t>(table, "u16");
  add_pieces<0>(table, "qacc_l");
  add_pieces<20>(table, "qacc_h");
  add_one(table, "ee.zero.qacc", {},
          [](State& state, const Instruction&) { state.qacc.new_lanes20().fill(0); }, {.writes = kQacc});
  add_one(table, "ee.srcmb.s8.qacc", {kQOut, kAIn, number(0, 0)}, shift20, {.reads = kQacc, .writes = kQacc});
  add_one(table, "ee.srcmb.s16.qacc", {kQOut, kAIn, number(0, 0)}, shift40,
          {.reads = kQacc, .writes = kQacc});
  add_accx(table);
  add_one(table, "rur.sar_byte", {kAOut},
          [](State& state, const Instruction& i) { a(state, i, 0) = state.sar_byte; },
          {.reads = kSarByte, .early = kSarByte});
  add_one(table, "wur.sar_byte", {kAIn},
          [](State& state, const Instruction& i) { state.sar_byte = a(state, i, 0) & 15; },
          {.writes = kSarByte});
}

}  // namespace mudra::s3
