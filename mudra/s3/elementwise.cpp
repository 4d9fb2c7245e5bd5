// Instructions that compute lane by lane between q registers.
#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "mudra/base/error.hpp"
#include "mudra/s3/forms.hpp"

namespace mudra::s3 {
namespace {

template <typename T, auto f>
Vector each(const Vector& x, const Vector& y) {
  const auto a = lanes<T>(x), b = lanes<T>(y);
  Lanes<T> out;
  for (std::size_t lane = 0; lane < out.size(); ++lane) out[lane] = f(a[lane], b[lane]);
  return vector_of<T>(out);
}

template <typename T>
T saturated(std::int64_t value) {
  using Limits = std::numeric_limits<T>;
  return static_cast<T>(std::clamp<std::int64_t>(value, Limits::min(), Limits::max()));
}

// Each with (state, x, y), where only products look at the state.
template <typename T>
Vector sum(const State&, const Vector& x, const Vector& y) {
  return each<T, [](T a, T b) { return saturated<T>(std::int64_t{a} + b); }>(x, y);
}
template <typename T>
Vector difference(const State&, const Vector& x, const Vector& y) {
  return each<T, [](T a, T b) { return saturated<T>(std::int64_t{a} - b); }>(x, y);
}
template <typename T>
Vector largest(const State&, const Vector& x, const Vector& y) {
  return each<T, [](T a, T b) { return std::max(a, b); }>(x, y);
}
template <typename T>
Vector smallest(const State&, const Vector& x, const Vector& y) {
  return each<T, [](T a, T b) { return std::min(a, b); }>(x, y);
}
template <typename T>
Vector product(const State& state, const Vector& x, const Vector& y) {
  const auto a = lanes<T>(x), b = lanes<T>(y);
  Lanes<T> out;
  for (std::size_t lane = 0; lane < out.size(); ++lane)
    out[lane] = static_cast<T>((std::int64_t{a[lane]} * b[lane]) >> state.sar);
  return vector_of<T>(out);
}
template <typename T, typename Relation>
Vector comparison(const State&, const Vector& x, const Vector& y) {
  return each<T, [](T a, T b) { return Relation()(a, b) ? T{-1} : T{0}; }>(x, y);
}

using Compute = Vector (*)(const State&, const Vector&, const Vector&);

template <Compute compute>
void plain(State& state, const Instruction& i) {
  q(state, i, 0) = compute(state, q(state, i, 1), q(state, i, 2));
}
template <Compute compute>
void with_load(State& state, const Instruction& i) {
  const Vector result = compute(state, q(state, i, 3), q(state, i, 4));
  const Vector loaded = state.load<Vector>(a(state, i, 1), i.operands[1]);
  a(state, i, 1) += 16;
  q(state, i, 2) = result;
  q(state, i, 0) = loaded;
}
// What is stored is the register's old value.
template <Compute compute>
void with_store(State& state, const Instruction& i) {
  const Vector result = compute(state, q(state, i, 3), q(state, i, 4));
  state.store(a(state, i, 1), i.operands[1], q(state, i, 0));
  a(state, i, 1) += 16;
  q(state, i, 2) = result;
}

template <Compute compute>
void add_plain(Table& table, const std::string& name, const OperandForm& result = kQOut,
               RegisterSet reads = 0) {
  table.push_back({.name = name,
                   .operands = {result, kQIn, kQIn},
                   .execute = plain<compute>,
                   .kind = Kind::kElementwise,
                   .reads = reads,
                   .early = reads});
}
// With its forms that load or store as well.
template <Compute compute>
void add_forms(Table& table, const std::string& name, const OperandForm& result = kQOut,
               RegisterSet reads = 0) {
  add_plain<compute>(table, name, result, reads);
  Mnemonic mnemonic = table.back();
  mnemonic.bytes = 4;
  mnemonic.name = name + ".ld.incp";
  mnemonic.operands = {kQLate, kAInOut, result, kQIn, kQIn};
  mnemonic.execute = with_load<compute>;
  table.push_back(mnemonic);
  mnemonic.name = name + ".st.incp";
  mnemonic.operands.front() = kQIn;
  mnemonic.execute = with_store<compute>;
  mnemonic.stores_vector = true;
  table.push_back(mnemonic);
}

template <typename T>
void add_sums_and_comparisons(Table& table, const std::string& type) {
  add_forms<sum<T>>(table, "ee.vadds." + type);
  add_forms<difference<T>>(table, "ee.vsubs." + type);
  add_forms<largest<T>>(table, "ee.vmax." + type);
  add_forms<smallest<T>>(table, "ee.vmin." + type);
  add_plain<comparison<T, std::equal_to<T>>>(table, "ee.vcmp.eq." + type);
  add_plain<comparison<T, std::less<T>>>(table, "ee.vcmp.lt." + type);
  add_plain<comparison<T, std::greater<T>>>(table, "ee.vcmp.gt." + type);
}

// Complex numbers, real part first: the lower two of qx and qy are multiplied, the upper half of qz stays. Of
// the four selections only 0 is known.
void complex_product(State& state, const Instruction& i) {
  const auto x = lanes<std::int16_t>(q(state, i, 1)), y = lanes<std::int16_t>(q(state, i, 2));
  auto z = lanes<std::int16_t>(q(state, i, 0));
  for (std::size_t real = 0; real < 4; real += 2) {
    const std::int64_t xr = x[real], xi = x[real + 1], yr = y[real], yi = y[real + 1];
    z[real] = static_cast<std::int16_t>((xr * yr - xi * yi) >> state.sar);
    z[real + 1] = static_cast<std::int16_t>((xr * yi + xi * yr) >> state.sar);
  }
  q(state, i, 0) = vector_of<std::int16_t>(z);
}

// (x * factor) >> amount for lanes <= 0, the others as they are.
template <typename T>
T leaky(T x, std::int64_t factor, std::uint32_t amount) {
  return x > 0 ? x : static_cast<T>((x * factor) >> amount);
}
template <typename T>
void relu(State& state, const Instruction& i) {
  constexpr std::uint32_t kAmounts = sizeof(T) == 1 ? 31 : 63;
  const auto factor = static_cast<T>(a(state, i, 1));
  if (factor < 0) fail("a factor with its highest bit set: whether it is signed is not known (?)");
  auto x = lanes<T>(q(state, i, 0));
  for (T& lane : x) lane = leaky(lane, factor, a(state, i, 2) & kAmounts);
  q(state, i, 0) = vector_of<T>(x);
}
template <typename T>
void parametric_relu(State& state, const Instruction& i) {
  const std::uint32_t amount = a(state, i, 3);
  if (amount > 31) fail("shifts by {}: what the chip then does is not known (?)", amount);
  auto x = lanes<T>(q(state, i, 1));
  const auto factors = lanes<T>(q(state, i, 2));
  for (std::size_t lane = 0; lane < x.size(); ++lane) x[lane] = leaky(x[lane], factors[lane], amount);
  q(state, i, 0) = vector_of<T>(x);
}

template <bool left>
void shift_words(State& state, const Instruction& i) {
  if (state.sar > 31)
    fail("shifts lanes of 32 bits by SAR = {}: what the chip then does is not known (?)", state.sar);
  auto x = lanes<std::int32_t>(q(state, i, 1));
  for (std::int32_t& lane : x)
    lane =
        left ? static_cast<std::int32_t>(static_cast<std::uint32_t>(lane) << state.sar) : lane >> state.sar;
  q(state, i, 0) = vector_of<std::int32_t>(x);
}

Vector both(const State&, const Vector& x, const Vector& y) {
  return each<std::uint64_t, [](std::uint64_t a, std::uint64_t b) { return a & b; }>(x, y);
}
Vector either(const State&, const Vector& x, const Vector& y) {
  return each<std::uint64_t, [](std::uint64_t a, std::uint64_t b) { return a | b; }>(x, y);
}
Vector differing(const State&, const Vector& x, const Vector& y) {
  return each<std::uint64_t, [](std::uint64_t a, std::uint64_t b) { return a ^ b; }>(x, y);
}

void add_one(Table& table, const char* name, std::vector<OperandForm> operands, Execute execute,
             RegisterSet reads = 0) {
  table.push_back({.name = name,
                   .operands = std::move(operands),
                   .execute = execute,
                   .kind = Kind::kElementwise,
                   .reads = reads,
                   .early = reads});
}

}  // namespace

void add_elementwise(Table& table) {
  add_sums_and_comparisons<std::int8_t>(table, "s8");
  add_sums_and_comparisons<std::int16_t>(table, "s16");
  add_sums_and_comparisons<std::int32_t>(table, "s32");
  add_forms<product<std::int8_t>>(table, "ee.vmul.s8", kQLate, kSar);
  add_forms<product<std::uint8_t>>(table, "ee.vmul.u8", kQLate, kSar);
  add_forms<product<std::int16_t>>(table, "ee.vmul.s16", kQLate, kSar);
  add_forms<product<std::uint16_t>>(table, "ee.vmul.u16", kQLate, kSar);
  OperandForm lower_half = kQLate;
  lower_half.part = OperandForm::Part::kLow;
  add_one(table, "ee.cmul.s16", {lower_half, kQIn, kQIn, number(0, 0)}, complex_product, kSar);
  add_plain<both>(table, "ee.andq");
  add_plain<either>(table, "ee.orq");
  add_plain<differing>(table, "ee.xorq");
  add_one(table, "ee.notq", {kQOut, kQIn}, [](State& state, const Instruction& i) {
    Vector x = q(state, i, 1);
    for (std::uint8_t& byte : x.bytes) byte = static_cast<std::uint8_t>(~byte);
    q(state, i, 0) = x;
  });
  add_one(table, "ee.vsl.32", {kQOut, kQIn}, shift_words<true>, kSar);
  add_one(table, "ee.vsr.32", {kQOut, kQIn}, shift_words<false>, kSar);
  add_one(table, "ee.vrelu.s8", {kQInOutLate, kAIn, kAIn}, relu<std::int8_t>);
  add_one(table, "ee.vrelu.s16", {kQInOutLate, kAIn, kAIn}, relu<std::int16_t>);
  add_one(table, "ee.vprelu.s8", {kQLate, kQIn, kQIn, kAIn}, parametric_relu<std::int8_t>);
  add_one(table, "ee.vprelu.s16", {kQLate, kQIn, kQIn, kAIn}, parametric_relu<std::int16_t>);
}

}  // namespace mudra::s3
