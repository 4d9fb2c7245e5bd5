// Short kernels for tests: a text, vectors in and out.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/s3/machine.hpp"

namespace mudra::s3 {

// `body` as function f, which returns behind it.
inline std::string kernel_text(std::string_view body) {
  return fmt::format("    .align 4\nf:\n    entry a1, 32\n{}\n    retw\n", body);
}

struct alignas(16) Block {
  std::array<std::uint8_t, 256> bytes{};
};

struct Ran {
  Block out;
  std::uint32_t a2 = 0, in = 0;  // the result; where the input lay
  Counts counts;
};

// Runs kernel_text(body) with a2 at the input's bytes (256 at most, the rest 0), a3 at as many bytes of
// output, and `more` in a4, a5, ...
template <typename T = std::uint8_t>
Ran run_body(std::string_view body, const std::vector<T>& input = {},
             const std::vector<std::uint32_t>& more = {}) {
  Block in;
  std::ranges::copy(std::as_bytes(std::span(input)), std::as_writable_bytes(std::span(in.bytes)).begin());
  Ran ran;
  Memory memory;
  std::vector<std::uint32_t> arguments{memory.map(std::span<const std::uint8_t>(in.bytes), "in"),
                                       memory.map(std::span(ran.out.bytes), "out")};
  ran.in = arguments[0];
  arguments.insert(arguments.end(), more.begin(), more.end());
  Machine machine;
  const Program program = assemble(kernel_text(body), "test.S");
  ran.counts = machine.run(program, "f", memory, arguments);
  ran.a2 = machine.state().a[2];
  return ran;
}

// The output as numbers.
template <typename T>
std::vector<T> values(const Ran& ran, std::size_t count) {
  std::vector<T> out(count);
  std::memcpy(out.data(), ran.out.bytes.data(), count * sizeof(T));
  return out;
}

}  // namespace mudra::s3
