#include "mudra/s3/machine.hpp"

#include <algorithm>

#include "mudra/base/error.hpp"
#include "mudra/base/random.hpp"

namespace mudra::s3 {
namespace {

constexpr std::uint32_t kStackAddress = 0x3FC80000;  // below every region

[[noreturn]] void never_written(RegisterSet registers) {
  fail("uses {}, which was never written", register_name(registers));
}

}  // namespace

Machine::Machine(std::uint64_t seed) : seed_(seed) {
  Random random(seed_);
  for (std::byte& byte : stack_) byte = static_cast<std::byte>(random.below(256));
}

RegisterSet Machine::reset(const Memory& memory, std::span<const std::uint32_t> arguments) {
  Random random(seed_);
  const auto word = [&] { return static_cast<std::uint32_t>(random.bits()); };
  for (std::uint32_t& value : state_.a) value = word();
  for (Vector& vector : state_.q)
    vector = vector_of<std::uint64_t>(Lanes<std::uint64_t>{random.bits(), random.bits()});
  for (std::uint8_t& byte : state_.qacc.bytes()) byte = static_cast<std::uint8_t>(random.bits());
  state_.accx = static_cast<std::int64_t>(random.bits()) >> 24;
  state_.sar = word() % 64;
  state_.sar_byte = word() % 16;
  state_.loop_count = 0;
  state_.target = State::kNoTarget;
  state_.a[1] = kStackAddress + kStackBytes;
  state_.frame = {.host = stack_.data(),
                  .size = kStackBytes,
                  .address = kStackAddress,
                  .readable = true,
                  .writable = true,
                  .name = "the stack frame"};
  state_.regions = memory.regions();
  state_.forget_known();
  constexpr std::size_t kMostArguments = 6;
  if (arguments.size() > kMostArguments)
    fail("{} arguments; registers hold {}", arguments.size(), kMostArguments);
  RegisterSet written = a_register(0) | a_register(1);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    state_.a[2 + i] = arguments[i];
    written |= a_register(static_cast<int>(2 + i));
  }
  return written;
}

Counts Machine::run(const Program& program, const Function& function, const Memory& memory,
                    std::span<const std::uint32_t> arguments, std::uint64_t most) {
  Counts counts;
  lines_.resize(std::max(lines_.size(), program.code().size() + 1));
  const RegisterSet written = reset(memory, arguments);
  at_ = function.begin;
  try {
    execute(program, function, written, most, counts);
  } catch (Error& error) {
    std::ranges::fill(lines_, 0);
    const Source& source = program.source(at_);
    error.text =
        fmt::format("{}:{}: {}: {}: {}", source.file, source.line, function.name, source.text, error.text);
    throw;
  }
  count_lines(program, function, counts);
  return counts;
}

void Machine::execute(const Program& program, const Function& function, RegisterSet written,
                      std::uint64_t most, Counts& counts) {
  const std::uint32_t return_address = state_.a[0];
  const Instruction* code = program.code().data();
  std::size_t line = function.begin;  // where the straight line began
  std::size_t at = line;
  std::uint64_t left = most;
  // Ends the line behind instruction `at` and begins another at `next`.
  const auto turn = [&](std::size_t next) {
    ++lines_[line];
    --lines_[at + 1];
    const std::size_t length = at + 1 - line;
    if (length > left) fail("still runs after the {} instructions allowed", most);
    left -= length;
    line = next;
  };
  const auto follow = [&](const Waiting& more, const Waiting& less) {
    counts.bubbles += more.bubbles - std::uint64_t{less.bubbles};
    counts.shifts_behind_products += more.behind_product - std::uint64_t{less.behind_product};
  };
  for (;;) {
    const Instruction& instruction = code[at];
    at_ = at;
    if ((instruction.reads & ~written) != 0) never_written(instruction.reads & ~written);
    instruction.execute(state_, instruction);
    written |= instruction.writes;
    if (instruction.is_plain()) {
      ++at;
      continue;
    }
    std::size_t next = at + 1;
    if (state_.target != State::kNoTarget) {
      next = static_cast<std::size_t>(state_.target);
      state_.target = State::kNoTarget;
      ++counts.taken_branches;
      follow({}, program.waiting(next));
      turn(next);
    } else if (instruction.flow == Flow::kReturn) {
      if (state_.a[0] != return_address) fail("a0, the return address, is not what it was");
      ++counts.taken_branches;
      turn(next);
      return;
    } else if (next == state_.loop_end && instruction.ends_loop && state_.loop_count != 0) {
      --state_.loop_count;
      next = state_.loop_begin;
      follow(program.waiting(at, next), program.waiting(next));
      turn(next);
    }
    at = next;
  }
}

void Machine::count_lines(const Program& program, const Function& function, Counts& counts) {
  const std::span<const Mnemonic> table = mnemonics();
  counts.calls = 1;
  counts.by_mnemonic.assign(table.size(), 0);
  std::uint64_t times = 0;
  for (std::size_t i = function.begin; i < function.end; ++i) {
    times += static_cast<std::uint64_t>(lines_[i]);
    lines_[i] = 0;
    const std::size_t number = program.code()[i].mnemonic;
    const Mnemonic& mnemonic = table[number];
    const Waiting waiting = program.waiting(i);
    counts.instructions += times;
    counts.by_mnemonic[number] += times;
    counts.by_kind[static_cast<std::size_t>(mnemonic.kind)] += times;
    counts.multiply_adds += times * static_cast<std::uint64_t>(mnemonic.products);
    counts.byte_products += mnemonic.products == 16 ? times : 0;
    counts.vector_stores += mnemonic.stores_vector ? times : 0;
    counts.divisions += mnemonic.divides ? times : 0;
    counts.bubbles += times * waiting.bubbles;
    counts.shifts_behind_products += times * waiting.behind_product;
  }
  lines_[function.end] = 0;
}

}  // namespace mudra::s3
