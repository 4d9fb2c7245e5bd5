// What is wrong with an integer network, or could go wrong on the chip, in sentences for people.
#pragma once

#include <string>
#include <vector>

#include "mudra/graph/graph.hpp"

namespace mudra::sim {

enum class Gravity {
  kRisk,    // right unless a picture drives a sum to the limit of its accumulator
  kWrong,   // runs, but not as the network it was made from
  kBroken,  // the chip's result is undefined, or differs between its runtimes; the simulator refuses it
};

struct Finding {
  Gravity gravity = Gravity::kRisk;
  std::string node;
  std::string text;  // "all 16 biases are at the limits of 20 bits ..."

  bool operator==(const Finding&) const = default;
};

const char* name_of(Gravity gravity);

// In the order of the nodes. The graph is verified.
std::vector<Finding> diagnose(const graph::Graph& graph);

}  // namespace mudra::sim
