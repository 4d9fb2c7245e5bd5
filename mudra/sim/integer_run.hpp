// Running the integer networks that quantizing makes: by the chip's engine, and by the simulator beside it.
#pragma once

#include <vector>

#include "mudra/format/espdl.hpp"
#include "mudra/quant/chip_rules.hpp"
#include "mudra/quant/judge.hpp"
#include "mudra/quant/mixed.hpp"

namespace mudra::sim {

// Writes each network as an .espdl in memory and runs it. Throws Error, naming the node, for what the engine
// refuses.
quant::IntegerRun integer_run();

// The estimate of `mudra profile` with vector kernels and weights in RAM at 240 MHz. Throws Error in the same
// way.
quant::PictureTime picture_time();

struct TestVectors {
  std::vector<format::EspdlTest> tests;
  std::vector<quant::SumUse> sums;  // the largest of each layer over the tests
};

// `count` of the pictures, spread evenly and used again where there are fewer, as the network takes and
// answers them. Throws Error when the simulator and the engine differ in any bit.
TestVectors test_vectors(const graph::Graph& integer, const quant::Pictures& pictures, std::size_t count);

}  // namespace mudra::sim
