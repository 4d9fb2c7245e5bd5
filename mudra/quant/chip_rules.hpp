// What an ESP32-S3 demands of an integer network, checked before one is written, with what to do about it.
// (device-arithmetic.md; espdl-format.md)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/scheme.hpp"

namespace mudra::quant {

// Throws Error unless `target` is "esp32s3".
void check_target(std::string_view target);

// Raises exponents until check_chip_rules() passes, where that is possible: a weight's while the sums are too
// fine for their biases or shifts, an output's while it is finer than its sums. So a layer whose values were
// all zero, and has the finest exponent of all, gets one the chip can compute. Returns whether it raised any.
bool raise_exponents(const graph::Graph& network, Scheme& scheme);

// Throws Error, naming the node and the remedy, for sums that would be shifted left, more than 31 bits to the
// right, or whose biases do not fit the accumulators.
void check_chip_rules(const graph::Graph& network, const Scheme& scheme);

// What of a lowered or an integer network is more than mudra's engine on the chip has room for: "100 nodes,
// 96 are supported".
std::vector<std::string> beyond_engine(const graph::Graph& network);

// Throws Error with all of that.
void check_engine_limits(const graph::Graph& network);

// How near the sums of a layer came to the limits of their accumulators.
struct SumUse {
  std::string node;
  std::int64_t unproven = 0;  // channels that some input might drive to the limits
  double largest = 0;         // of the partial sums of those, as a share of their limit
};

// Of every layer that cannot be proved safe from its weights: the largest partial sum, in the chip's order
// (the bias first, then kernel rows, columns and channels). `activations`: the integers of one picture, by
// TensorIndex.
std::vector<SumUse> observe_sums(const graph::Graph& integer, const std::vector<graph::Values>& activations);

// Throws Error with the remedy for a layer whose sums reached a limit.
void check_sums(const std::vector<SumUse>& uses);

}  // namespace mudra::quant
