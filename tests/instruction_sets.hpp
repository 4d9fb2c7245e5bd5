// Running a piece of a test on every instruction set the kernels are compiled for and this machine has.
#pragma once

#include "mudra/graph/kernels/targets.hpp"
// after targets.hpp
#include <hwy/highway.h>

#include <string>
#include <vector>

namespace mudra {

struct InstructionSet {
  std::int64_t target;
  std::string name;
  bool has_fma;  // multiplies and adds with one rounding
};

inline std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets())
    sets.push_back({target, hwy::TargetName(target), target == HWY_AVX2 || target == HWY_AVX3});
  return sets;
}

// Uses this instruction set to the end of its scope.
class UseInstructionSet {
 public:
  explicit UseInstructionSet(const InstructionSet& set) { choose(set.target); }
  UseInstructionSet(const UseInstructionSet&) = delete;
  UseInstructionSet& operator=(const UseInstructionSet&) = delete;
  ~UseInstructionSet() { choose(0); }

 private:
  static void choose(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

}  // namespace mudra
