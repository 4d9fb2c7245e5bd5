// A float network's way to the chip's integers: a recipe, calibrated with pictures, proven on some of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "mudra/device/smoothing.hpp"
#include "mudra/format/espdl.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/equalize.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/mixed.hpp"
#include "mudra/report/decision.hpp"

namespace mudra::pipeline {

// How integers are chosen.
struct Recipe {
  std::string name = "int8";           // or mixed, equalized, best
  std::string calibration = "search";  // of activations: or minmax, percentile, mse, kl
  std::vector<std::string> bits;       // of mixed: "NODE=16", * stands for any characters
  std::string budget;                  // of mixed, instead: "bytes=N", "macs=P%" or "us=N"
  quant::Equalization equalization;    // of equalized
  int tests = 8;                       // test vectors in the file
};

struct QuantizeSettings {
  std::string model, out;
  std::vector<std::string> sets;  // to calibrate with; labels are not needed
  std::string max_wrong{};        // "5%"; "": that where labels are known, else no rule is chosen
  std::string classes{};          // "A,B,...", for a network that does not name them
  std::string normalize{};        // none, imagenet or "MEAN/STD", for a network that does not state it
  std::string target = "esp32s3";
  bool packed = false;  // weights for the chip's vector kernels behind the model
  Recipe recipe;
  int threads = 0;
};

struct QuantizedNetwork {
  format::EspdlFile file;           // its tests answered alike by the simulator and the engine
  std::vector<std::uint8_t> bytes;  // of the file
  quant::OutputError error;         // beside the float network, on `judged` of the pictures
  std::size_t judged = 0;
  std::vector<quant::SumUse> sums;     // on the test pictures
  std::vector<std::string> notes;      // what a user should know of how it was made
  std::vector<quant::TradeOff> curve;  // of a budget
  std::size_t chosen = 0;              // of the curve
};

// Integers for `network`, as load_model gives it; `pictures` as it takes them. Throws Error for options of
// another recipe, for what the chip cannot compute, and where little of the network is left.
QuantizedNetwork quantize_network(const graph::Graph& network, const quant::Pictures& pictures,
                                  const Recipe& recipe);

// What the file says is to be shown of the scores, and what that gives on the pictures it was chosen on.
struct ChosenRule {
  device::SmoothingRule rule;
  std::string pictures;     // that it was chosen on, "800 validation pictures of run"; "": none
  report::Decided decided;  // of single pictures of these
};

struct WrittenNetwork {
  QuantizedNetwork network;
  ChosenRule decision;
  std::size_t packed_bytes = 0;  // behind it in the file
  std::string set;               // calibrated with
  std::size_t pictures = 0;      // of it
};

// Loads, quantizes and writes OUT. Throws Error.
WrittenNetwork quantize_network(const QuantizeSettings& settings);

}  // namespace mudra::pipeline
