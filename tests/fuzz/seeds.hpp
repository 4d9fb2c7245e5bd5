// Small valid files of every kind a reader takes: where fuzzing starts, and what the damage tests damage.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mudra::fuzz {

struct Seed {
  std::string target;  // "onnx", as in targets.hpp
  std::string name;    // "tiny.onnx"
  std::vector<std::uint8_t> bytes;
};

std::vector<Seed> make_seeds();

}  // namespace mudra::fuzz
