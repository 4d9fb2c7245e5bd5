#include "mudra/base/instruction_set.hpp"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "tests/refusal.hpp"

namespace mudra {
namespace {

class InstructionSet : public testing::Test {
 protected:
  ~InstructionSet() override {
    unsetenv("MUDRA_INSTRUCTION_SET");
    hwy::DisableTargets(0);
  }
  static std::int64_t best_when(const char* name) {
    setenv("MUDRA_INSTRUCTION_SET", name, 1);
    limit_instruction_set();
    const std::int64_t supported = hwy::SupportedTargets();
    return supported & -supported;
  }
};

TEST_F(InstructionSet, is_limited_to_the_one_named_and_lesser_ones) {
  const std::int64_t best = best_when("");
  EXPECT_GE(best_when("avx512"), std::max<std::int64_t>(best, HWY_AVX3));
  EXPECT_EQ(best_when("avx2"), std::max<std::int64_t>(best, HWY_AVX2));
  EXPECT_EQ(best_when("sse4"), std::max<std::int64_t>(best, HWY_SSE4));
  EXPECT_GT(best_when("scalar"), HWY_SSSE3);
}

TEST_F(InstructionSet, of_another_name_is_refused) {
  EXPECT_EQ(refusal([] { best_when("AVX-2"); }),
            "MUDRA_INSTRUCTION_SET=AVX-2: give scalar, sse4, avx2, avx512 or avx512vnni");
}

}  // namespace
}  // namespace mudra
