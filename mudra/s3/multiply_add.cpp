// Products added to the lanes of QACC, or all of them to ACCX.
#include <algorithm>

#include "mudra/s3/forms.hpp"

namespace mudra::s3 {
namespace {

constexpr std::int32_t kMax20 = (1 << 19) - 1, kMin20 = -(1 << 19);
constexpr std::int64_t kMax40 = (std::int64_t{1} << 39) - 1, kMin40 = -(std::int64_t{1} << 39);
constexpr std::int32_t kMaxUnsigned20 = (1 << 20) - 1;
constexpr std::int64_t kMaxUnsigned40 = (std::int64_t{1} << 40) - 1;

// Every lane saturates after its product.
void add_products(State& state, const Lanes<std::int8_t>& x, const Lanes<std::int8_t>& y) {
  Accumulator::Lanes20& sums = state.qacc.lanes20();
  for (std::size_t lane = 0; lane < x.size(); ++lane)
    sums[lane] = std::clamp(sums[lane] + x[lane] * y[lane], kMin20, kMax20);
}
void add_products(State& state, const Lanes<std::int16_t>& x, const Lanes<std::int16_t>& y) {
  Accumulator::Lanes40& sums = state.qacc.lanes40();
  for (std::size_t lane = 0; lane < x.size(); ++lane)
    sums[lane] = std::clamp(sums[lane] + std::int32_t{x[lane]} * y[lane], kMin40, kMax40);
}
// Unsigned, the same bits are numbers up to 2^20 - 1 or 2^40 - 1.
void add_products(State& state, const Lanes<std::uint8_t>& x, const Lanes<std::uint8_t>& y) {
  for (std::size_t lane = 0; std::int32_t & sum : state.qacc.lanes20()) {
    const std::int32_t all = std::min((sum & kMaxUnsigned20) + x[lane] * y[lane], kMaxUnsigned20);
    sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(all) << 12) >> 12;
    ++lane;
  }
}
void add_products(State& state, const Lanes<std::uint16_t>& x, const Lanes<std::uint16_t>& y) {
  for (std::size_t lane = 0; std::int64_t & sum : state.qacc.lanes40()) {
    const std::int64_t all =
        std::min((sum & kMaxUnsigned40) + std::int64_t{x[lane]} * y[lane], kMaxUnsigned40);
    sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(all) << 24) >> 24;
    ++lane;
  }
}

// One saturation for all products together.
template <typename T>
void add_sum(State& state, const Lanes<T>& x, const Lanes<T>& y) {
  std::int64_t sum = std::is_signed_v<T> ? state.accx : state.accx & kMaxUnsigned40;
  for (std::size_t lane = 0; lane < x.size(); ++lane) sum += std::int64_t{x[lane]} * y[lane];
  if constexpr (std::is_signed_v<T>)
    state.accx = std::clamp(sum, kMin40, kMax40);
  else
    state.accx =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(std::min(sum, kMaxUnsigned40)) << 24) >> 24;
}

enum class Into : std::uint8_t { kQacc, kAccx };

// What a fused form loads into its first operand, and how the address register moves.
enum class Fused : std::uint8_t { kNone, kImmediate, kRegister, kElement, kNext };

// The place of qx among the operands, and of what follows qy.
constexpr std::size_t first_factor(Fused fused) {
  if (fused == Fused::kNone) return 0;
  return fused == Fused::kImmediate || fused == Fused::kRegister ? 3 : 2;
}

// In the .qup forms the address may be anything, as in ee.src.q.ld: they read a stream of unaligned vectors.
template <typename T, Fused fused, bool queue>
Vector load_fused(State& state, const Instruction& i) {
  std::uint32_t& address = a(state, i, 1);
  const std::uint32_t at = address;
  if constexpr (fused == Fused::kElement) {
    Lanes<T> all;
    all.fill(state.load<T>(at, i.operands[1]));
    address += sizeof(T);
    return vector_of<T>(all);
  }
  const Vector loaded = state.load<Vector>(queue ? at & ~15u : at, i.operands[1]);
  if constexpr (fused == Fused::kImmediate) address += step_of<Step::kImmediate>(state, i, 2);
  if constexpr (fused == Fused::kRegister) address += step_of<Step::kRegister>(state, i, 2);
  if constexpr (fused == Fused::kNext) address += 16;
  return loaded;
}

// `selects`: one lane of qy for all of qx, its number behind qy.
template <typename T, Into into, Fused fused, bool queue, bool selects>
void multiply_add(State& state, const Instruction& i) {
  constexpr std::size_t kX = first_factor(fused);
  const auto x = lanes<T>(q(state, i, kX));
  auto y = lanes<T>(q(state, i, kX + 1));
  if constexpr (selects) {
    const T factor = y[static_cast<std::size_t>(i.operands[kX + 2])];
    y.fill(factor);
  }
  if constexpr (into == Into::kQacc)
    add_products(state, x, y);
  else
    add_sum<T>(state, x, y);
  if constexpr (fused != Fused::kNone) {
    const Vector loaded = load_fused<T, fused, queue>(state, i);
    if constexpr (queue) {
      std::array<std::uint8_t, 32> pair;
      std::memcpy(pair.data(), q(state, i, kX + 2).bytes.data(), 16);
      std::memcpy(pair.data() + 16, q(state, i, kX + 3).bytes.data(), 16);
      std::memcpy(q(state, i, kX + 2).bytes.data(), pair.data() + state.sar_byte, 16);
    }
    q(state, i, 0) = loaded;
  }
}

template <typename T, Into into, Fused fused, bool queue = false, bool selects = false>
void add_form(Table& table, const std::string& name, int bytes) {
  constexpr RegisterSet kSum = into == Into::kQacc ? kQacc : kAccx;
  Mnemonic mnemonic{.name = name,
                    .operands = {},
                    .execute = multiply_add<T, into, fused, queue, selects>,
                    .kind = Kind::kMultiplyAdd,
                    .bytes = bytes,
                    .reads = kSum,
                    .writes = kSum,
                    .late = kSum,
                    .products = static_cast<int>(Lanes<T>().size()),
                    .queue = queue};
  std::vector<OperandForm>& operands = mnemonic.operands;
  if (fused != Fused::kNone) operands = {kQLate, kAInOut};
  if (fused == Fused::kImmediate) operands.push_back(kFusedStep);
  if (fused == Fused::kRegister) operands.push_back(kAIn);
  operands.insert(operands.end(), {kQIn, kQIn});
  if (selects) operands.push_back(number(0, static_cast<std::int32_t>(Lanes<T>().size()) - 1));
  if (queue) {
    operands.insert(operands.end(), {kQInOut, kQIn});
    mnemonic.reads |= kSarByte;
    mnemonic.early |= kSarByte;
  }
  table.push_back(mnemonic);
}

template <typename T>
void add_multiply_adds(Table& table, const std::string& type) {
  using enum Into;
  const std::string qacc = "ee.vmulas." + type + ".qacc", accx = "ee.vmulas." + type + ".accx";
  add_form<T, kQacc, Fused::kNone>(table, qacc, 3);
  add_form<T, kQacc, Fused::kImmediate>(table, qacc + ".ld.ip", 4);
  add_form<T, kQacc, Fused::kRegister>(table, qacc + ".ld.xp", 4);
  add_form<T, kQacc, Fused::kElement>(table, qacc + ".ldbc.incp", 3);
  add_form<T, kQacc, Fused::kImmediate, true>(table, qacc + ".ld.ip.qup", 4);
  add_form<T, kQacc, Fused::kRegister, true>(table, qacc + ".ld.xp.qup", 4);
  add_form<T, kQacc, Fused::kElement, true>(table, qacc + ".ldbc.incp.qup", 4);
  add_form<T, kAccx, Fused::kNone>(table, accx, 3);
  add_form<T, kAccx, Fused::kImmediate>(table, accx + ".ld.ip", 4);
  add_form<T, kAccx, Fused::kRegister>(table, accx + ".ld.xp", 4);
  add_form<T, kAccx, Fused::kImmediate, true>(table, accx + ".ld.ip.qup", 4);
  add_form<T, kAccx, Fused::kRegister, true>(table, accx + ".ld.xp.qup", 4);
  if constexpr (std::is_signed_v<T>) {
    const std::string scalar = "ee.vsmulas." + type + ".qacc";
    add_form<T, kQacc, Fused::kNone, false, true>(table, scalar, 3);
    add_form<T, kQacc, Fused::kNext, false, true>(table, scalar + ".ld.incp", 4);
  }
}

}  // namespace

void add_multiply_add(Table& table) {
  add_multiply_adds<std::int8_t>(table, "s8");
  add_multiply_adds<std::uint8_t>(table, "u8");
  add_multiply_adds<std::int16_t>(table, "s16");
  add_multiply_adds<std::uint16_t>(table, "u16");
}

}  // namespace mudra::s3
