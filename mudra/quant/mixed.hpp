// Which layers deserve 16 bits: chosen by what each does to the outputs, within a budget.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mudra/graph/graph.hpp"
#include "mudra/quant/quantize.hpp"

namespace mudra::quant {

// At most one is given.
struct Budget {
  std::optional<std::int64_t> extra_bytes;  // of weights and biases
  std::optional<double> wide_share;         // of the multiply-adds that are in 16 bits, 0 to 1
  std::optional<double> us = {};            // of a picture on the chip
};

// The microseconds that an integer network takes for a picture on the chip, estimated. Handed in, as
// IntegerRun is.
using PictureTime = std::function<double(const graph::Graph& integer)>;

// "bytes=20000", "macs=25%" or "us=8000". Throws Error for anything else.
Budget budget_named(std::string_view text);

// A point of the curve: one node more in 16 bits than the point before.
struct TradeOff {
  std::string node;  // empty: the network in 8 bits
  std::int64_t extra_bytes = 0;
  double wide_share = 0;
  OutputError error;
  std::optional<double> us = {};  // where it is the budget
};

struct MixedResult {
  Quantized quantized;
  std::vector<TradeOff> curve;
  std::size_t chosen = 0;  // into the curve
};

// Starts from 8 bits, measures every layer alone in 16, and adds them in the order of what they gain for
// their cost as long as the budget lasts; takes the point of the least error. `network` is lowered. `time` is
// asked for a budget of time. Throws Error for one that 8 bits alone exceed.
MixedResult quantize_mixed(const graph::Graph& network, const Pictures& pictures, Calibration calibration,
                           const Budget& budget, const IntegerRun& run, const PictureTime& time = {});

}  // namespace mudra::quant
