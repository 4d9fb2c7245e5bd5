// Small valid files of every kind a reader takes: where fuzzing starts, and what the damage tests damage.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mudra/train/loop.hpp"

namespace mudra::fuzz {

struct Seed {
  std::string target;  // "onnx", as in targets.hpp
  std::string name;    // "tiny.onnx"
  std::vector<std::uint8_t> bytes;
};

std::vector<Seed> make_seeds();

// What the seed of a checkpoint was written for.
train::TrainingConfig checkpoint_config();
inline constexpr std::uint64_t kCheckpointConfiguration = 0;

}  // namespace mudra::fuzz
