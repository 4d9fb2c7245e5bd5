#include "mudra/base/instruction_set.hpp"

#include <hwy/targets.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mudra/base/error.hpp"

namespace mudra {
namespace {

struct Named {
  std::string_view name;
  std::int64_t target;
};
constexpr Named kInstructionSets[] = {{"scalar", HWY_SSSE3 << 1},
                                      {"sse4", HWY_SSE4},
                                      {"avx2", HWY_AVX2},
                                      {"avx512", HWY_AVX3},
                                      {"avx512vnni", HWY_AVX3_DL}};

}  // namespace

void limit_instruction_set() {
  const char* const variable = std::getenv("MUDRA_INSTRUCTION_SET");
  const std::string_view wanted = variable == nullptr ? "" : variable;
  if (wanted.empty()) return;
  for (const auto& [name, target] : kInstructionSets) {
    if (name == wanted) return hwy::DisableTargets(target - 1);  // better ones have lower bits
  }
  fail("MUDRA_INSTRUCTION_SET={}: give scalar, sse4, avx2, avx512 or avx512vnni", wanted);
}

}  // namespace mudra
