// A model's own test: what its file says it gives for the inputs recorded in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mudra/format/espdl.hpp"

namespace mudra::sim {

// One recorded input, answered by the simulator and by the engine with the PC's kernels.
struct TestAnswer {
  std::size_t values = 0;
  std::size_t differing = 0;     // of the simulator's values from the recorded ones
  std::int64_t largest = 0;      // the largest difference
  bool engine_is_equal = false;  // to the simulator, in every bit
  std::string wrong_node;        // where it is not: the first node that differs
};

struct ModelTest {
  std::vector<TestAnswer> answers;  // by recorded input
  std::string refusal;              // why the engine does not run the model; empty: it does
};

// `bytes` hold `file` alone or as the only model of a pack. Throws Error for what the simulator refuses.
ModelTest test_model(const format::EspdlFile& file, std::span<const std::uint8_t> bytes);

}  // namespace mudra::sim
