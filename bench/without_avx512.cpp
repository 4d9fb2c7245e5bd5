// Preloaded beside a library whose cpuid instructions without_avx512.py has replaced with traps: answers them
// as a processor with AVX2 and FMA but neither AVX-512 nor AVX-VNNI would.
#include <cpuid.h>
#include <ucontext.h>

#include <csignal>
#include <initializer_list>

namespace {

constexpr unsigned bits(std::initializer_list<int> numbers) {
  unsigned mask = 0;
  for (const int number : numbers) mask |= 1u << number;
  return mask;
}

// The table of features is in the manuals of AMD and Intel: leaf 7.
void answer(int, siginfo_t*, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto leaf = static_cast<unsigned>(registers[REG_RAX]),
             subleaf = static_cast<unsigned>(registers[REG_RCX]);
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  __cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
  if (leaf == 7 && subleaf == 0) {
    ebx &= ~bits({16, 17, 21, 26, 27, 28, 30, 31});
    ecx &= ~bits({1, 6, 11, 12, 14});
    edx &= ~bits({2, 3, 8, 22, 23, 24, 25});
  } else if (leaf == 7 && subleaf == 1) {
    eax &= ~bits({4, 5, 21, 23});
    edx &= ~bits({4, 5, 10, 19});
  }
  registers[REG_RAX] = eax;
  registers[REG_RBX] = ebx;
  registers[REG_RCX] = ecx;
  registers[REG_RDX] = edx;
}

[[maybe_unused]] const bool installed = [] {
  struct sigaction action {};
  action.sa_sigaction = answer;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  return sigaction(SIGTRAP, &action, nullptr) == 0;
}();

}  // namespace
