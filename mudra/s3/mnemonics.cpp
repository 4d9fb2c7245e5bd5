#include "mudra/s3/mnemonics.hpp"

#include <algorithm>
#include <iterator>

#include "mudra/s3/forms.hpp"

namespace mudra::s3 {

const char* name_of(Kind kind) {
  static constexpr const char* kNames[kKinds] = {"multiply-add", "accumulator",   "elementwise",
                                                 "bytes",        "vector load",   "vector store",
                                                 "scalar",       "scalar memory", "control"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::span<const Mnemonic> mnemonics() {
  static const Table table = [] {
    Table all;
    add_scalar(all);
    add_memory(all);
    add_bytes(all);
    add_accumulator(all);
    add_multiply_add(all);
    add_elementwise(all);
    std::ranges::sort(all, {}, &Mnemonic::name);
    return all;
  }();
  return table;
}

const Mnemonic* find_mnemonic(std::string_view name) {
  const std::span<const Mnemonic> all = mnemonics();
  const auto found =
      std::ranges::lower_bound(all, name, {}, [](const Mnemonic& m) -> std::string_view { return m.name; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::string_view why_unsupported(std::string_view name) {
  struct Reason {
    std::string_view prefix, why;
  };
  static constexpr Reason kReasons[] = {
      {"l32r", "literals lie outside of the function; build constants with movi, or take them as arguments"},
      {"call", "a kernel calls nothing"},
      {"jx", "only jumps to labels are followed"},
      {"ret", "functions end with retw"},
      {"ee.fft", "the FFT's helpers are left out"},
      {"ee.bitrev", "the FFT's helpers are left out"},
      {"ee.ld.ua_state", "the FFT's helpers are left out"},
      {"ee.st.ua_state", "the FFT's helpers are left out"},
      {"rur.ua_state", "the FFT's helpers are left out"},
      {"wur.ua_state", "the FFT's helpers are left out"},
      {"rur.fft_bit_width", "the FFT's helpers are left out"},
      {"wur.fft_bit_width", "the FFT's helpers are left out"},
      {"ee.ldf", "there are no float registers here"},
      {"ee.stf", "there are no float registers here"},
      {"isync", "a kernel waits for nothing"},
      {"waiti", "a kernel waits for nothing"},
      {"beqz.n", "write beqz; the assembler shortens it itself"},
      {"bnez.n", "write bnez; the assembler shortens it itself"},
  };
  const auto* found =
      std::ranges::find_if(kReasons, [&](const Reason& reason) { return name.starts_with(reason.prefix); });
  return found == std::end(kReasons) ? std::string_view() : found->why;
}

}  // namespace mudra::s3
